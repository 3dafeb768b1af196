import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { longTest } from "../../support/long.ts";
import { engineAddress, hello, productionTasks } from "../../support/production.ts";
import { Watching } from "../../support/watching.ts";

/** What was approved is let in by a promote in the parts before, too. */

let clone: Clone;
let good = "";
let bad = "";
let next = "";
let watching: Watching | undefined;
let host: Server;
const posted: { path: string; state: string; token: string | undefined }[] = [];

/** A code host that takes statuses. */
function codeHost(): Server {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { state } = JSON.parse(Buffer.concat(chunks).toString()) as { state: string };
    posted.push({ path: request.url ?? "", state, token: request.headers.authorization });
    response.writeHead(201).end("{}");
  });
}

const statusFile = (): string => join(clone.root, ".slipway", "statuses.json");

function watchUpstream(...args: string[]): Watching {
  const { port } = host.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/statuses/{sha}`;
  const env = { SLIPWAY_STATUS_URL: url, SLIPWAY_STATUS_TOKEN: "not-to-be-seen" };
  watching = new Watching(clone, ["--remote", "upstream", "--status-file", statusFile(), ...args], env);
  return watching;
}

const push = (commit: string) => clone.git("push", "--quiet", "--force", "upstream", `${commit}:refs/heads/main`);

/** A branch of a remote is followed, whatever comes to it. */
export function watch(of: () => Clone): void {
  beforeAll(async () => {
    clone = of();
    const upstream = join(clone.root, ".slipway", "upstream.git");
    await clone.git("init", "--quiet", "--bare", upstream);
    await clone.git("remote", "add", "upstream", upstream);
    good = (await clone.git("rev-parse", "HEAD")).stdout;
    await push(good);
    await clone.edit(
      "demo/tests/settings.test.ts",
      "test(",
      'test("never", () => expect("this").toBe("that"));\ntest(',
    );
    bad = await clone.commit("Break a test");
    await clone.git("reset", "--hard", "--quiet", good);
    host = codeHost();
    host.listen(0, "127.0.0.1");
    await once(host, "listening");
  });
  // Also after a failure; one that has ended is not there to be stopped.
  afterEach(() => watching?.stop());
  afterAll(async () => {
    host.close();
    await clone.git("remote", "remove", "upstream");
  });
  following();
  startedAgain();
}

function following(): void {
  test("a watch knows what is delivered, says no to a bad commit, goes on, and follows a push by force", async () => {
    const before = await productionTasks(clone);
    const own = watchUpstream();
    await own.until({ type: "known", commit: good, conclusion: "deployed" });
    await push(bad);
    await own.until({ type: "ended", commit: bad, conclusion: "failed" });
    await push(good);
    await own.until({ type: "forced", to: good });
    await own.until({ type: "ended", commit: good, conclusion: "deployed" });
    const { exitCode, stderr } = await own.stop();
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/Step 2\/9 unit tests said no/);
    expect(stderr).not.toContain("not-to-be-seen");
    expect(await productionTasks(clone)).toEqual(before);
  });

  test("a file and a code host are told how each commit stands", async () => {
    const { commits } = JSON.parse(await readFile(statusFile(), "utf8")) as {
      commits: { sha: string; state: string }[];
    };
    expect(commits.map(({ sha, state }) => [sha, state])).toEqual([
      [good, "success"],
      [bad, "failure"],
    ]);
    expect(posted.map(({ path, state }) => `${path} ${state}`)).toEqual([
      `/statuses/${good} success`,
      `/statuses/${bad} pending`,
      `/statuses/${bad} failure`,
      `/statuses/${good} pending`,
      `/statuses/${good} success`,
    ]);
    expect(new Set(posted.map(({ token }) => token))).toEqual(new Set(["Bearer not-to-be-seen"]));
  });

  test("what is changed by hand meanwhile is told once, and once that it is gone", async () => {
    const own = watchUpstream("--drift", "1");
    const label = (...args: string[]) =>
      docker(
        "-H",
        engineAddress(clone, "staging"),
        "service",
        "update",
        "--detach",
        "--quiet",
        ...args,
        "staging_edge",
      );
    await own.until({ type: "known", commit: good, conclusion: "deployed" });
    await label("--label-add", "who=me");
    const { differences } = await own.until({ type: "drift", environment: "staging" });
    expect(differences).toEqual(["service staging_edge: label who found me, expected none"]);
    await label("--label-rm", "who");
    await own.until({ type: "drift-gone", environment: "staging" });
    await own.stop();
    expect(own.told.filter(({ type }) => type === "drift")).toHaveLength(1);
  });
}

function startedAgain(): void {
  test("a watch that is started again does not try a bad commit again, and leaves an unreachable remote for later", async () => {
    await push(bad);
    const own = watchUpstream();
    await own.until({ type: "known", commit: bad, conclusion: "failed" });
    await clone.git("remote", "set-url", "upstream", join(clone.root, ".slipway", "nowhere.git"));
    await own.until({ type: "unreachable" });
    await clone.git("remote", "set-url", "upstream", join(clone.root, ".slipway", "upstream.git"));
    await own.until({ type: "reachable" });
    const { exitCode, stderr } = await own.stop();
    expect(exitCode, stderr).toBe(0);
    expect(own.told.map(({ type }) => type)).not.toContain("delivering");
  });

  test("SIGTERM in the middle of a delivery ends it, and production is as it was", async () => {
    await clone.edit("demo/src/routes.ts", "from the demo", "from the demo, watched");
    next = await clone.commit("Greet while watched");
    await push(next);
    const first = watchUpstream();
    await first.untilSaid("> 4/9 deploy to staging");
    const { exitCode, stderr } = await first.stop();
    expect(exitCode, stderr).toBe(130);
    expect(await hello(clone, "production")).toMatchObject({ commit: good });
  });

  longTest("the next watch goes on, and lets the release in once it is approved and nothing is frozen", async () => {
    await clone.set("production", "freezes", [{ from: "2020-01-01", to: "2098-12-31", reason: "stock-taking" }]);
    const own = watchUpstream();
    const ready = await own.until({ type: "ended", commit: next, conclusion: "ready" });
    expect(ready.description).toContain("stock-taking");
    const approved = await clone.promote("approve", next, "--yes");
    expect(approved.exitCode, approved.stderr).toBe(0);
    await clone.set("production", "freezes", undefined);
    await own.until({ type: "ended", commit: next, conclusion: "deployed" });
    const { exitCode, stderr } = await own.stop();
    expect(exitCode, stderr).toBe(0);
    expect(own.told.filter(({ type }) => type === "delivering")).toHaveLength(2);
    expect(await hello(clone, "production")).toMatchObject({ commit: next });
  });
}
