import { expect, test } from "vitest";

import { Registry } from "../../../registry/client.ts";
import type { Clone } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { leaveOut, long } from "../../support/long.ts";
import { engineAddress, hello, productionTasks } from "../../support/production.ts";
import { badReleases } from "./bad-releases.ts";

const here = badReleases.filter((one) => long || !one.long);
const left = badReleases.filter((one) => !here.includes(one));

/** Commits that are not good enough end as a clear "no" and leave production as it is. */
export function badCommitsEnd(clone: () => Clone): void {
  test.each(here)("$fact ends a commit before production", async ({ edits, exitCodes, says }) => {
    const before = { tasks: await productionTasks(clone()), hello: await hello(clone(), "production") };
    for (const edit of edits) {
      if ("text" in edit) await clone().write(edit.file, edit.text);
      else await clone().edit(edit.file, edit.from, edit.to);
    }
    await clone().commit("Break it");
    const run = await clone().promote("--continuous");
    await clone().git("reset", "--hard", "--quiet", "HEAD~1");

    expect(exitCodes, run.stderr).toContain(run.exitCode);
    for (const words of says) expect(run.stderr.toLowerCase()).toContain(words.toLowerCase());
    expect(run.stderr).toContain("Production: untouched");
    expect(run.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect(await productionTasks(clone())).toEqual(before.tasks);
    expect(await hello(clone(), "production")).toEqual(before.hello);
  });

  test("an image that is gone from the registry fails pulumi up at once, and what ran goes on", async () => {
    const { stdout } = await clone().pulumi("stack", "output", "previous", "-s", "staging", "--json");
    const release = JSON.parse(stdout) as { images: Record<string, string> };
    const image = release.images.app ?? "";
    const [, host = "", repository = "", digest = ""] = /^([^/]+)\/(.+)@(.+)$/.exec(image) ?? [];
    const deleted = await new Registry(host).ask(`${repository}/manifests/${digest}`, { method: "DELETE" });
    expect(deleted.status).toBe(202);
    await docker("-H", engineAddress(clone(), "staging"), "image", "rm", "--force", image).catch(() => []);
    const env = { SLIPWAY_RELEASE: stdout };
    const up = await clone().pulumiWith(env, "up", "-s", "staging", "--yes", "--skip-preview", "--non-interactive");
    expect(up.exitCode).not.toBe(0);
    expect(up.stdout + up.stderr).toMatch(/staging_(app|migrate)[\s\S]*No such image/);
    expect(await hello(clone(), "staging")).toHaveProperty("commit");

    const again = await clone().pulumi("up", "-s", "staging", "--yes", "--skip-preview", "--non-interactive");
    expect(again.exitCode, again.stdout + again.stderr).toBe(0);
  });

  for (const { fact } of left) leaveOut(fact);
}
