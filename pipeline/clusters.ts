import { type EnvironmentName, environments } from "../settings/environment.ts";
import type { Host } from "../settings/hosts.ts";
import { projectName } from "../settings/project.ts";
import { examine } from "../swarm/examine.ts";
import { runScript, tellEngine } from "../swarm/remote.ts";
import { troubleOf } from "../swarm/unreachable.ts";
import { PrerequisiteError } from "./errors.ts";
import { plainLine } from "./plain-text.ts";
import type { StackSettings } from "./stack-settings.ts";

/** A manager that an environment is given to, and what there is to say of it. */
export interface ManagerFinding {
  environment: EnvironmentName;
  engine: string;
  /** Its engine's version, where it can be used. */
  version?: string;
  /** Why it cannot be, and what to do. */
  trouble?: { why: string; next: string };
}

async function findingOf(environment: EnvironmentName, engine: string): Promise<ManagerFinding> {
  const found = await examine(engine);
  if (!("why" in found)) return { environment, engine, version: plainLine(found.version, 40) };
  return { environment, engine, trouble: { why: plainLine(found.why, 400), next: plainLine(found.next, 300) } };
}

/** What there is to say of hosts: whether one of those that are to be managers lets us in, with an engine or without yet. */
async function findingOfHosts(environment: EnvironmentName, hosts: readonly Host[]): Promise<ManagerFinding> {
  const managers = hosts.filter(({ role }) => role === "manager").map(({ at }) => at);
  let first: ManagerFinding | undefined;
  for (const engine of managers) {
    try {
      const version = plainLine(await runScript(engine, tellEngine), 40);
      return { environment, engine, version: version || "none yet" };
    } catch (error) {
      const { why, next } = troubleOf(engine, error);
      first ??= { environment, engine, trouble: { why: plainLine(why, 400), next: plainLine(next, 300) } };
    }
  }
  return first as ManagerFinding;
}

/** Looks at the managers that environments are given to; changes nothing. */
export async function managerFindings({
  environments: all,
}: Pick<StackSettings, "environments">): Promise<ManagerFinding[]> {
  const findings = environments.map(async (environment) => {
    const { cluster } = all[environment];
    if (cluster.kind === "hosts") return [await findingOfHosts(environment, cluster.hosts)];
    return cluster.kind === "manager" ? [await findingOf(environment, cluster.engine)] : [];
  });
  return (await Promise.all(findings)).flat();
}

/**
 * Checks that the Swarms that environments are given to are there and can be used.
 * @throws PrerequisiteError
 */
export async function assertClusters(settings: Pick<StackSettings, "environments">): Promise<void> {
  for (const { environment, engine, trouble } of await managerFindings(settings)) {
    if (!trouble) continue;
    const asked = `${projectName}:cluster in Pulumi.${environment}.yaml`;
    const { why, next } = trouble;
    throw new PrerequisiteError(`The manager of ${environment}, ${engine} (${asked}), cannot be used: ${why}`, {
      next,
    });
  }
}
