import { SetupError } from "./errors.ts";
import { baseImage } from "./needs/base-image.ts";
import { dockerEngine } from "./needs/docker-engine.ts";
import type { Change, Found, Need } from "./needs/need.ts";
import { commandPlugin, dockerPlugin } from "./needs/plugins.ts";
import { pulumiCli } from "./needs/pulumi-cli.ts";
import { planText } from "./plan.ts";
import { timed } from "./progress.ts";
import type { Report } from "./report.ts";

/** How somebody is asked before the machine is changed. */
export interface Consent {
  /** Somebody said yes beforehand. */
  yes?: boolean;
  /** Somebody sits at a terminal and can be asked. */
  interactive?: boolean;
  ask?: (question: string) => Promise<boolean>;
}

/**
 * Needs that wait for one another are in one lane; lanes run side by side. The builds are in one lane because they take
 * all cores anyway, and each one is quick after the one before it.
 */
const lanes: readonly (readonly Need[])[] = [
  [dockerEngine, baseImage],
  [pulumiCli, commandPlugin, dockerPlugin],
];

/** Everything that the machine must have. */
export const needs: readonly Need[] = lanes.flat();

/** Gets onto the machine what is missing. Says first what that is, and asks where somebody can answer. */
export async function ensure(report: Report, consent: Consent = {}): Promise<void> {
  const absent = await findAbsent();
  if (absent.size === 0) return;
  const changes: Change[] = [];
  for (const need of absent) changes.push(...(await need.missing()));
  for (const line of planText(changes)) report(line);
  await agree(consent);
  await timed(report, "Set-up", () => Promise.all(lanes.map((lane) => installLane(report, lane, absent))));
}

/** One thing that `promote doctor` tells about. */
export interface Finding {
  name: string;
  ok: boolean;
  /** Where it is and which version, if it is there. */
  found?: Found;
  /** How to get it: what set-up would do, and what to do by hand. */
  get?: string;
}

/** Looks at everything that the machine must have, and installs nothing. */
export async function doctor(): Promise<Finding[]> {
  const node: Finding = {
    name: "Node.js",
    ok: true,
    found: { where: process.execPath, version: process.versions.node },
  };
  return [node, ...(await Promise.all(needs.map(examine)))];
}

async function findAbsent(): Promise<ReadonlySet<Need>> {
  const found = await Promise.all(needs.map(async (need) => ({ need, found: await need.find() })));
  return new Set(found.filter((one) => one.found === undefined).map((one) => one.need));
}

async function agree({ yes, interactive, ask }: Consent): Promise<void> {
  if (yes || !interactive || ask === undefined) return;
  if (await ask("Install these?")) return;
  throw new SetupError("Nothing was installed.", "npm run promote -- doctor (says how to get each part yourself)");
}

async function installLane(report: Report, lane: readonly Need[], absent: ReadonlySet<Need>): Promise<void> {
  for (const need of lane) {
    // What came before may have brought it along: an engine that is started again still has its images.
    if (!absent.has(need) || (await need.find())) continue;
    await need.install(report);
    if (await need.find()) continue;
    throw new SetupError(`${need.name} was installed and still cannot be found.`, need.byHand);
  }
}

async function examine(need: Need): Promise<Finding> {
  const found = await need.find();
  if (found) return { name: need.name, ok: true, found };
  return { name: need.name, ok: false, get: await howToGet(need) };
}

async function howToGet(need: Need): Promise<string> {
  try {
    const changes = await need.missing();
    const ours = changes.map(({ what, where }) => `${what}, into ${where}`).join(", ");
    return `set-up would get ${ours}; by hand: ${need.byHand}`;
  } catch (error) {
    if (error instanceof SetupError) return `${error.message} ${error.next}`;
    throw error;
  }
}
