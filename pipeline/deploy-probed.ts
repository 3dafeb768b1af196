import type { EnvironmentName } from "../settings/environment.ts";
import { deploy } from "./deploy.ts";
import { driftGate } from "./drift/gate.ts";
import type { LogFile } from "./log-file.ts";
import { probed } from "./probed.ts";
import type { Promotion } from "./promotion.ts";
import { type Proof, provedByDeployment } from "./proof.ts";

/**
 * Deploys the release to an environment that is as Pulumi says, or is put right by it, while a load shows whether a request is lost.
 * @param goesOn whether the next step goes on with the load
 * @throws StepFailure
 */
export async function deployProbed(
  environment: EnvironmentName,
  promotion: Promotion,
  log: LogFile,
  { goesOn = false } = {},
): Promise<Proof> {
  const asPulumiSays = await driftGate(environment, promotion);
  const change = (onChange: () => void) => deploy(environment, promotion, { log, onChange, refresh: !asPulumiSays });
  const deployed = await probed(environment, promotion, log, change, { goesOn });
  return provedByDeployment(environment, promotion, deployed);
}
