import { holderText } from "../../pipeline/leasing.ts";
import { plainLine, utc } from "../../pipeline/plain-text.ts";
import type { EnvironmentStatus } from "../../pipeline/status.ts";
import { releaseName } from "../../settings/release-name.ts";
import { glassLines } from "./evidence.ts";
import { bad, careful, faint, good, strong } from "./style.ts";

const colours: Record<EnvironmentStatus["state"], (text: string) => string> = {
  healthy: good,
  degraded: bad,
  unreachable: bad,
  "nothing deployed": careful,
  "not created": faint,
};

const release = ({ release: running }: EnvironmentStatus): string => (running ? releaseName(running) : "-");

const since = ({ since: at }: EnvironmentStatus): string => (at ? `since ${utc(at)}` : "");

/** How many of the tasks that should run for ever do. */
function tasks({ services }: EnvironmentStatus): string {
  const lasting = services.filter(({ scale }) => scale !== "once");
  const sum = (of: "running" | "desired"): number => lasting.reduce((total, one) => total + one[of], 0);
  return lasting.length > 0 ? `${sum("running")}/${sum("desired")} tasks` : "";
}

/** What the environments run, as lines for a person. */
export function statusLines(all: readonly EnvironmentStatus[]): string[] {
  return all.flatMap((one) => [
    [
      strong(one.environment.padEnd(11)),
      colours[one.state](one.state.padEnd(17)),
      `${plainLine(release(one)).padEnd(31)} `,
      tasks(one).padEnd(13),
      faint(since(one)),
    ]
      .join("")
      .trimEnd(),
    ...glassLines(one.brokenGlass).map((line) => `  ${line}`),
    ...(one.lease ? [careful(`  held by ${holderText(one.lease)}`)] : []),
    ...(one.waiting ?? []).map((holder) => faint(`  waited for by ${holderText(holder)}`)),
    ...one.reasons.map((reason) => `  ${plainLine(reason, 300)}`),
    ...(one.addresses.length > 0 ? [faint(`  ${one.addresses.join("  ")}`)] : []),
  ]);
}
