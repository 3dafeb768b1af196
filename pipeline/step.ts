import type { Claim } from "../evidence/claims.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { LogFile } from "./log-file.ts";
import type { Promotion } from "./promotion.ts";
import type { Proof } from "./proof.ts";

/** One of the nine steps. */
export interface Step {
  number: number;
  name: string;
  /** What is true once it has passed. */
  proves: string;
  /** The environment that it changes or examines. */
  environment?: EnvironmentName;
  /** What its evidence is of. */
  claim?: Claim;
  /**
   * @returns what it proved of the release
   * @throws StepFailure when the answer is no
   */
  run(promotion: Promotion, log: LogFile): Promise<Proof | undefined>;
}
