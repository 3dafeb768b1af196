import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { afterEach, expect, test, vi } from "vitest";

import { connect } from "../../../swarm/engine.ts";
import { sshArguments } from "../../../swarm/ssh-connection.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { anEngine } from "./an-engine.ts";

afterEach(() => vi.unstubAllEnvs());

/** Puts a program on the path that is called ssh, and notes how it was called. */
async function withSsh(script: string): Promise<string> {
  const folder = await temporaryFolder();
  const calls = join(folder, "calls");
  const program = join(folder, "ssh");
  await writeFile(program, `#!/bin/sh\necho "$*" >> ${calls}\n${script}\n`);
  await chmod(program, 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  return calls;
}

/** Joins its standard streams to a socket, as `docker system dial-stdio` does. */
const dial = (socket: string): string =>
  `exec ${process.execPath} -e 'const c = require("net").connect(process.argv[1]); c.on("close", () => process.exit(0)); process.stdin.pipe(c).pipe(process.stdout)' ${socket}`;

test("nothing is asked and every host key is checked, whatever the person's own configuration says", () => {
  expect(sshArguments({ by: "ssh", host: "host", user: "ann", port: "2222" }, ["true"]).join(" ")).toBe(
    "-o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 -l ann -p 2222 -- host true",
  );
});

test("an engine is asked through ssh, by few connections however often", async () => {
  const { socket, asked } = await anEngine({ version: { Version: "27.3.1" } });
  const calls = await withSsh(dial(socket));
  for (let time = 0; time < 5; time++) {
    expect(await connect("ssh://ann@few").version()).toMatchObject({ Version: "27.3.1" });
  }
  expect(asked).toHaveLength(5);
  expect((await readFile(calls, "utf8")).trim().split("\n")).toEqual([
    expect.stringMatching(/-l ann -- few docker system dial-stdio$/),
  ]);
});

test("a connection that the engine ended while it waited is followed by another", async () => {
  const { socket, end } = await anEngine({ version: { Version: "27.3.1" } });
  const calls = await withSsh(dial(socket));
  await connect("ssh://ann@again").version();
  end();
  await vi.waitFor(
    async () => {
      expect(await connect("ssh://ann@again").version()).toMatchObject({ Version: "27.3.1" });
      expect((await readFile(calls, "utf8")).trim().split("\n").length).toBeGreaterThan(1);
    },
    { timeout: 10_000, interval: 200 },
  );
});

test("what ssh says in the end is the error", async () => {
  await withSsh('echo "Host key verification failed." >&2; exit 255');
  await expect(connect("ssh://ann@unknown").version()).rejects.toThrow("Host key verification failed.");
});

test("a connection that waits for its next request does not keep a program going", async () => {
  const { socket } = await anEngine({ version: { Version: "27.3.1" } });
  await withSsh(dial(socket));
  const engine = join(import.meta.dirname, "../../../swarm/engine.ts");
  const script = `import { connect } from ${JSON.stringify(engine)}; console.log((await connect("ssh://ann@waiting").version()).Version);`;
  const run = execa(process.execPath, ["--input-type=module", "--eval", script]);
  const { stdout } = (await Promise.race([run, sleep(20_000)])) ?? {};
  run.kill();
  expect(stdout).toBe("27.3.1");
}, 30_000);
