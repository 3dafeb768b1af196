import { Agent } from "node:https";
import Docker from "dockerode";

import { type Reach, reachOf, readCertificates } from "./engine-address.ts";
import { sshAgent } from "./ssh-connection.ts";

/** Said explicitly, since dockerode would otherwise take it from DOCKER_HOST and what goes with that. */
const nothingElse = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined };

const agents = new Map<string, Agent>();

/** Connections are kept, since each costs a handshake. */
function tlsAgent(reach: Extract<Reach, { by: "tls" }>): Agent {
  const certificates = readCertificates(reach.certificates);
  const key = JSON.stringify([reach, certificates]);
  const agent = agents.get(key) ?? new Agent({ ...certificates, keepAlive: true, maxFreeSockets: 4 });
  agents.set(key, agent);
  return agent;
}

function optionsOf(reach: Reach): Docker.DockerOptions & { agent?: unknown } {
  if (reach.by === "unix") return { ...nothingElse, protocol: "http", socketPath: reach.socket };
  // The host is what the connections of the agent lead to, whatever it is called.
  if (reach.by === "ssh") return { ...nothingElse, protocol: "http", host: "docker", port: 80, agent: sshAgent(reach) };
  const { host, port } = reach;
  return { ...nothingElse, protocol: "https", host, port: Number(port), agent: tlsAgent(reach) };
}

/**
 * A client of the engine at `address`.
 * @param address `unix:///path/of/docker.sock`, `ssh://user@host`, `tcp://host:2376` or `context:NAME`
 * @throws EngineAddressError when the address is of another kind, or what it needs is not on this machine
 */
export const connect = (address: string): Docker => new Docker(optionsOf(reachOf(address)));

/** How long an engine may take to answer, in milliseconds: one on this machine hardly anything, another a login first. */
const patience = { unix: 1_000, ssh: 12_000, tls: 5_000 };

/** Whether an engine answers at `address` within `milliseconds`, by default as long as its kind may take. */
export async function answers(address: string, milliseconds?: number): Promise<boolean> {
  try {
    const limit = Math.max(milliseconds ?? 0, patience[reachOf(address).by]);
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, limit, false).unref());
    const ping = connect(address)
      .ping()
      .then(
        () => true,
        () => false,
      );
    return await Promise.race([ping, late]);
  } catch {
    return false;
  }
}
