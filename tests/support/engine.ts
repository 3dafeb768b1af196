import { execa } from "execa";

/** Runs the docker CLI; returns the lines that it prints. */
export const docker = async (...args: string[]): Promise<string[]> =>
  (await execa("docker", args)).stdout.split("\n").filter(Boolean);

/** The subnets of all networks of this machine's engine. */
export async function subnets(): Promise<string[]> {
  const ids = await docker("network", "ls", "--quiet");
  return docker("network", "inspect", "--format", "{{range .IPAM.Config}}{{println .Subnet}}{{end}}", ...ids);
}

/** Removes everything that a clone made on this machine's engine. */
export async function removeAllOf(instance: string): Promise<void> {
  const list = (...what: string[]) => docker(...what, "--quiet", "--filter", `label=slipway.instance=${instance}`);
  for (const [kind, ...listing] of [
    ["container", "ls", "--all"],
    ["volume", "ls"],
    ["network", "ls"],
  ] as const) {
    const ids = await list(kind, ...listing);
    const force = kind === "network" ? [] : ["--force"];
    if (ids.length > 0) await docker(kind, "rm", ...force, ...ids);
  }
}

/** Everything on this machine's engine that a clone made. */
export async function madeBy(instance: string): Promise<string[]> {
  const filter = ["--filter", `label=slipway.instance=${instance}`, "--quiet"];
  const found = await Promise.all([
    docker("ps", "--all", ...filter),
    docker("volume", "ls", ...filter),
    docker("network", "ls", ...filter),
  ]);
  return found.flat();
}
