import { expect, test } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { hello, productionTasks } from "../../support/production.ts";

export interface BadCommit {
  fact: string;
  file: string;
  from: string;
  to: string;
  exitCode: number;
  /** What the person reads. */
  says: string[];
}

const badCommits: BadCommit[] = [
  {
    fact: "a failing unit test ends a commit at step 2",
    file: "demo/tests/settings.test.ts",
    from: "test(",
    to: 'test("never holds", () => expect("this").toBe("that"));\ntest(',
    exitCode: 12,
    says: ["unit tests", "never holds", "production: untouched"],
  },
  {
    fact: "a Dockerfile that does not build ends a commit at step 3",
    file: "demo/Dockerfile",
    from: "USER node",
    to: "RUN ls /no-such-folder\nUSER node",
    exitCode: 13,
    says: ["build", "no-such-folder", "production: untouched"],
  },
  {
    fact: "a release that crashes at start ends a commit at step 4, with Swarm's reason and the last log lines",
    file: "demo/src/main.ts",
    from: "const settings = settingsFrom(process.env);",
    to: 'const settings = settingsFrom(process.env);\nif (settings) throw new Error("crashed on purpose");',
    exitCode: 14,
    says: ["staging_app", "rolled the update back", "exit code 1", "crashed on purpose", "production: untouched"],
  },
  {
    fact: "a failing functional test ends a commit at step 5, in staging",
    file: "tests/functional/hello.test.ts",
    from: "test(",
    to: 'test("never holds", () => expect("this").toBe("that"));\ntest(',
    exitCode: 15,
    says: ["staging", "never holds", "production: untouched"],
  },
  {
    fact: "a failing readiness test ends a commit at step 7, in prodlike",
    file: "tests/readiness/release.test.ts",
    from: "const get =",
    to: 'test("is never ready", () => expect("this").toBe("that"));\nconst get =',
    exitCode: 17,
    says: ["prodlike", "is never ready", "production: untouched"],
  },
];

/** Commits that are not good enough end as a clear "no" and leave production as it is. */
export function badCommitsEnd(clone: () => Clone): void {
  test.each(badCommits)("$fact", async ({ file, from, to, exitCode, says }) => {
    const before = { tasks: await productionTasks(clone()), hello: await hello(clone(), "production") };
    await clone().edit(file, from, to);
    await clone().commit("Break it");
    const run = await clone().promote("--continuous");
    await clone().git("reset", "--hard", "--quiet", "HEAD~1");

    expect(run.exitCode, run.stderr).toBe(exitCode);
    for (const words of says) expect(run.stderr.toLowerCase()).toContain(words.toLowerCase());
    expect(run.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
    expect(await productionTasks(clone())).toEqual(before.tasks);
    expect(await hello(clone(), "production")).toEqual(before.hello);
  });
}
