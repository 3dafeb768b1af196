import { rename } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";

import { environments } from "../../../settings/environment.ts";
import type { Clone, Ended } from "../../support/clone.ts";
import { madeBy } from "../../support/engine.ts";

/** A clear error: the exit code, what failed, what to do next, no stack trace. */
function expectClear(run: Ended, exitCode: number, ...words: (string | RegExp)[]): void {
  expect(run.exitCode, run.stderr).toBe(exitCode);
  for (const word of words) expect(run.stderr).toMatch(word);
  expect(run.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
}

const listening = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

const hostile = [
  "a; touch PWNED",
  "$(touch PWNED)",
  "`touch PWNED`",
  'quo"te',
  "it's",
  "with space",
  "new\nline",
  "\u001b[31mred",
];

/** What cannot work is said before anything is changed. */
export function badInput(clone: () => Clone): void {
  test("an unknown commit is a usage error that names it", async () => {
    expectClear(await clone().promote("no-such-commit"), 2, "no-such-commit");
  });

  test.each(hostile)("a commit called %j is only a name", async (name) => {
    const run = await clone().promote(name);
    expectClear(run, 2);
    expect(run.stderr).not.toContain("\u001b[31m");
    expect((await clone().git("status", "--porcelain")).stdout).not.toContain("PWNED");
  });

  test("a branch whose name is a shell's command line is delivered up to what is wrong with it", async () => {
    await clone().git("branch", "--", "x;$(touch>PWNED)");
    const run = await clone().promote("x;$(touch>PWNED)", "--description", "no/delivery.yaml");
    expectClear(run, 11, "no/delivery.yaml");
    expect((await clone().git("status", "--porcelain")).stdout).not.toContain("PWNED");
    await clone().git("branch", "-D", "--", "x;$(touch>PWNED)");
  });

  test("an unknown option is a usage error that names it", async () => {
    expectClear(await clone().promote("--contiguous"), 2, "--contiguous");
  });

  test("an option that npm took for itself is a usage error that says how to pass it on", async () => {
    expectClear(await clone().promoteWith({ npm_config_continuous: "true" }), 2, "npm run promote -- --continuous");
  });

  test("an invalid configuration value is named with its key and what was expected", async () => {
    await clone().set("production", "replicas", "many");
    await clone().commit("Ask for many");
    const run = await clone().promote();
    await clone().git("reset", "--hard", "--quiet", "HEAD~1");
    expectClear(run, 2, "slipway:replicas", "many", "a whole number from 1 to 100");
  });

  test("a port that is taken is named with the key that asks for it", async () => {
    const server = await listening(Number(await clone().get("staging", "port")));
    const run = await clone().promote();
    server.close();
    expectClear(run, 3, /Port \d+ .* taken/, "Pulumi.staging.yaml");
  });

  test("an engine that does not answer is a missing prerequisite", async () => {
    const run = await clone().promoteWith({ DOCKER_HOST: "unix:///no/such/engine.sock" });
    expectClear(run, 3, "/no/such/engine.sock");
  });

  test("a folder that is not a git repository is a usage error", async () => {
    await rename(join(clone().root, ".git"), join(clone().root, ".git-away"));
    const run = await clone().promote();
    await rename(join(clone().root, ".git-away"), join(clone().root, ".git"));
    expectClear(run, 2, /git repository/i);
  });

  test("nothing was made by any of these", async () => {
    expect(await madeBy(await clone().instance())).toEqual([]);
    const status = JSON.parse((await clone().promote("status", "--json")).stdout);
    expect(status.environments.map(({ state }: { state: string }) => state)).toEqual(
      environments.map(() => "not created"),
    );
  });
}
