import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";

import { projectRoot } from "../../../settings/project.ts";

/** What a program prints that is run with all that left out. */
async function printed(imports: string, expression: string, env: Record<string, string> = {}): Promise<unknown> {
  const program = `
    import { leaveOut } from "${join(projectRoot, "stacks", "left-out.ts")}";
    leaveOut();
    ${imports}
    console.log(JSON.stringify(await (${expression})));`;
  const args = ["--input-type=module-typescript", "--eval", program];
  const { stdout } = await execa(process.execPath, args, { cwd: projectRoot, env, stdin: "ignore" });
  return JSON.parse(stdout);
}

const pulumi = 'const pulumi = await import("@pulumi/pulumi");';

describe("what is left out of a program", () => {
  test("is there for one that asks for it by name", async () => {
    const automation = 'const { LocalWorkspace } = await import("@pulumi/pulumi/automation/index.js");';
    expect(await printed(automation, "typeof LocalWorkspace.create")).toBe("function");
    const tracing = 'const { resourceFromAttributes } = await import("@opentelemetry/resources");';
    expect(await printed(tracing, 'resourceFromAttributes({ a: "b" }).attributes')).toEqual({ a: "b" });
  });

  test("is there for one that asks for it through the SDK", async () => {
    expect(await printed(pulumi, "typeof pulumi.automation.LocalWorkspace.create")).toBe("function");
    expect(await printed(pulumi, "pulumi.runtime.computeCodePaths().then(({ size }) => size > 0)")).toBe(true);
  });

  test("is there to serialise a function, whose variables the inspector tells", async () => {
    const serialise = "pulumi.runtime.serializeFunction(() => answer).then(({ text }) => text)";
    expect(await printed(`${pulumi} const answer = 42;`, serialise)).toContain("answer: 42");
  });

  test("is not loaded before that", async () => {
    const cache = 'const { default: modules } = await import("node:module");';
    const isLoaded = 'Object.keys(modules._cache).some((file) => file.endsWith("automation/localWorkspace.js"))';
    expect(await printed(`${pulumi} ${cache}`, isLoaded)).toBe(false);
    expect(await printed(`${pulumi} ${cache} pulumi.automation.LocalWorkspace;`, isLoaded)).toBe(true);
  });

  test("where a promise was made is not told, unless somebody looks for one that stays open", async () => {
    const made = `
      const { debuggablePromise } = await import("@pulumi/pulumi/runtime/debuggable.js");
      const promise = Promise.resolve();
      await debuggablePromise(promise, "it");`;
    const isTold = 'promise._debugStackTrace.includes(" at ")';
    expect(await printed(made, isTold)).toBe(false);
    expect(await printed(made, isTold, { PULUMI_DEBUG_PROMISE_LEAKS: "1" })).toBe(true);
  });

  test("the SDK's debug messages are not sent, unless somebody asks for them; a program's own are", async () => {
    const sent = `
      const sent = [];
      const settings = (await import("@pulumi/pulumi/runtime/settings.js")).default;
      ${pulumi}
      settings.resetOptions("project", "stack", -1, "127.0.0.1:1", "mock", false, "");
      await pulumi.runtime.setMocks({
        newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
        call: () => ({}),
      });
      const engine = settings.getEngine();
      engine.log = (request, done) => { sent.push(request.getMessage()); done(); };
      const one = new pulumi.CustomResource("some:module:Thing", "thing", {});
      await new Promise((resolve) => one.urn.apply(resolve));
      await pulumi.log.debug("my own");`;
    expect(await printed(sent, "sent")).toEqual(["my own"]);
    const asked = await printed(sent, "sent", { PULUMI_OPTION_DEBUG: "true" });
    expect(asked).toContain("my own");
    expect(asked).toContainEqual(expect.stringContaining("Registering resource"));
  });
});
