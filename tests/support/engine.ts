import { execa } from "execa";

/** Runs the docker CLI; returns the lines that it prints. */
export const docker = async (...args: string[]): Promise<string[]> =>
  (await execa("docker", args)).stdout.split("\n").filter(Boolean);

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
