// `node swarm/docker.ts ADDRESS ARGUMENTS…`: the docker CLI on the engine at an address, reached as everything here reaches it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { type Reach, reachOf } from "./engine-address.ts";
import { openConnection } from "./ssh-connection.ts";

async function run(args: readonly string[]): Promise<number> {
  const env = { ...process.env, DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined, DOCKER_TLS_VERIFY: undefined };
  const child: ChildProcess = spawn("docker", args, { stdio: "inherit", env });
  const [code] = await once(child, "exit");
  return (code as number | null) ?? 1;
}

/** Gives the CLI a socket of its own: by itself it would ask ssh without the options that are used here. */
async function runBySsh(reach: Extract<Reach, { by: "ssh" }>, args: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-docker-"));
  const socket = join(folder, "docker.sock");
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = openConnection(reach);
    engine.once("error", ({ message }) => process.stderr.write(`${message}\n`));
    Promise.all([pipeline(client, engine), pipeline(engine, client)]).catch(() => client.destroy());
  });
  try {
    server.listen(socket);
    await once(server, "listening");
    return await run(["--host", `unix://${socket}`, ...args]);
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function runHere(reach: Exclude<Reach, { by: "ssh" }>, args: readonly string[]): Promise<number> {
  if (reach.by === "unix") return run(["--host", `unix://${reach.socket}`, ...args]);
  const { host, port, certificates } = reach;
  const file = (name: string): string => join(certificates, `${name}.pem`);
  const options = ["--tlscacert", file("ca"), "--tlscert", file("cert"), "--tlskey", file("key")];
  return run(["--tlsverify", ...options, "--host", `tcp://${host}:${port}`, ...args]);
}

const [address = "", ...args] = process.argv.slice(2);
const reach = reachOf(address);
process.exitCode = await (reach.by === "ssh" ? runBySsh(reach, args) : runHere(reach, args));
process.exit();
