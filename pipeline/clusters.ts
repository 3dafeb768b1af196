import { type EnvironmentName, environments } from "../settings/environment.ts";
import { projectName } from "../settings/project.ts";
import { examine } from "../swarm/examine.ts";
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

/** Looks at the managers that environments are given to; changes nothing. */
export async function managerFindings({
  environments: all,
}: Pick<StackSettings, "environments">): Promise<ManagerFinding[]> {
  const findings = environments.map(async (environment) => {
    const { cluster } = all[environment];
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
