import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";

import { StepFailure } from "../../../pipeline/errors.ts";
import { LogFile } from "../../../pipeline/log-file.ts";
import { assertStackFile } from "../../../pipeline/stack-check.ts";
import { projectRoot } from "../../../settings/project.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const delivery = {
  name: "shop",
  unitTests: { run: ["true"] },
  images: { web: {} },
  suites: { functional: "a", readiness: "b" },
  stackFile: "compose.yaml",
};

/** What is said of a stack file, and of one that production has over it. */
async function said(files: Record<string, string>, more: object = {}): Promise<StepFailure | undefined> {
  const root = await temporaryFolder();
  const all = { ...files, "delivery.yaml": stringify({ ...delivery, ...more }) };
  for (const [name, text] of Object.entries(all)) await writeFile(join(root, name), text);
  const log = new LogFile(join(root, "log"));
  const signal = AbortSignal.timeout(60_000);
  try {
    await assertStackFile({ root, description: "delivery.yaml", log, signal });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(StepFailure);
    return error as StepFailure;
  } finally {
    log.close();
  }
}

const web = "services:\n  web:\n    image: shop/web\n";

test("the stack files of the examples are well", async () => {
  const log = new LogFile(join(await temporaryFolder(), "log"));
  for (const name of ["orders", "site"]) {
    const description = `examples/${name}/delivery.yaml`;
    await assertStackFile({ root: projectRoot, description, log, signal: AbortSignal.timeout(60_000) });
  }
  log.close();
});

test("each problem is told with its file and line, before anything is built", async () => {
  const failure = await said({ "compose.yaml": `${web}    imgae: x\n  db:\n    image: postgres:17\n` });
  expect(failure?.message).toBe("The stack file cannot be deployed");
  expect(failure?.details).toEqual([expect.stringMatching(/compose\.yaml:4: services\.web\.imgae/)]);
});

test("what only production has over it is read, too", async () => {
  const files = { "compose.yaml": web, "more.yaml": "services:\n  web:\n    deploy: { replicas: many }\n" };
  const failure = await said(files, { overrides: { production: "more.yaml" } });
  expect(failure?.details.join()).toMatch(/more\.yaml:3: services\.web\.deploy\.replicas/);
});

test("a file that is not there is told", async () => {
  expect((await said({}))?.details.join()).toMatch(/compose\.yaml/);
});

test("a route to nowhere is told", async () => {
  const routed = await said({ "compose.yaml": web }, { port: 8100, routes: [{ service: "wbe", port: 80 }] });
  expect(routed?.details.join()).toMatch(/routes: the stack file has no service wbe/);
});
