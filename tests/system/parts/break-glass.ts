import { expect, test } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { hello } from "../../support/production.ts";

/** In an emergency, a release comes to production without its tests; everybody sees it as long as it is there. */
export function breakGlass(clone: () => Clone): void {
  test("nobody breaks the glass without a reason, or without somebody who presses the button", async () => {
    for (const args of [
      ["--break-glass", " ", "--continuous"],
      ["--break-glass", "it burns"],
    ]) {
      const run = await clone().promote(...args);
      expect(run.exitCode, run.stderr).toBe(2);
    }
  });

  test("a release without tests comes to production by a broken glass, which is shown wherever it appears", async () => {
    const before = await hello(clone(), "production");
    await clone().edit("demo/tests/settings.test.ts", "test(", 'test("fails", () => expect(1).toBe(2));\ntest(');
    const commit = await clone().commit("Mend production, never mind the tests");
    const run = await clone().promote("--continuous", "--break-glass", "the shop is down");
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/! 2\/9 unit tests not done: the glass is broken/);
    expect(await hello(clone(), "production")).toMatchObject({ commit });
    expect(await hello(clone(), "prodlike")).not.toMatchObject({ commit });

    const shown = /The glass was broken by .*@.*: the shop is down/;
    expect((await clone().promote("status")).stdout).toMatch(shown);
    const evidence = await clone().promote("evidence");
    expect(evidence.stdout).toMatch(shown);
    expect(evidence.stdout).toMatch(/- readiness\/prodlike +no evidence that counts/);

    const back = await clone().promote("rollback", "production", "--yes");
    expect(back.exitCode, back.stderr).toBe(0);
    expect(await hello(clone(), "production")).toEqual(before);
    await clone().git("reset", "--hard", "--quiet", "HEAD~1");
  });
}
