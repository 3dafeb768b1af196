import type { Dora } from "./dora.ts";
import { duration } from "./duration.ts";

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

const frequency = ({ deployments, deploymentFrequency: daily }: Dora): string => {
  const all = count(deployments, "deployment");
  return daily === null ? `${all}; less than a day, so no frequency yet` : `${daily.toFixed(2)} a day (${all})`;
};

const leadTime = ({ changeLeadTime: found }: Dora): string =>
  found ? `${duration(found.seconds)} (median of ${count(found.of, "commit")})` : "no commit came to production";

const failures = ({ changeFailPercentage: share, failed, deployments }: Dora): string =>
  share === null ? "no deployment" : `${Math.round(share)} % (${failed} of ${count(deployments, "deployment")})`;

function recovery({ failedDeploymentRecoveryTime: found, failed, notRecovered }: Dora): string {
  if (failed === 0) return "no deployment failed";
  const open = notRecovered > 0 ? `${notRecovered} not recovered from yet` : "";
  return [found ? `${duration(found.seconds)} (median of ${found.of})` : "", open].filter(Boolean).join(", ");
}

/** DORA's four figures, each with its name, in words. */
export const doraRows = (dora: Dora): [string, string][] => [
  ["deployment frequency", frequency(dora)],
  ["change lead time", leadTime(dora)],
  ["change fail percentage", failures(dora)],
  ["failed deployment recovery time", recovery(dora)],
];
