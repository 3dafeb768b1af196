import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import type { Claim } from "../evidence/claims.ts";
import { EvidenceError } from "../evidence/errors.ts";
import { keepEarly } from "../evidence/of-commit.ts";
import { ownKey } from "../evidence/project.ts";
import { type StepClaim, writeStatement } from "../evidence/statement.ts";
import { attachEvidence } from "../evidence/store.ts";
import project from "../package.json" with { type: "json" };
import { RegistryError } from "../registry/client.ts";
import { sourceRoot } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import versions from "../setup/versions.json" with { type: "json" };
import { environmentInputs } from "./environment-inputs.ts";
import { StepFailure } from "./errors.ts";
import { git } from "./git.ts";
import type { Promotion } from "./promotion.ts";
import type { Proof } from "./proof.ts";

/** When a step ran, and the file with all that it printed. */
export interface Ran {
  claim: Claim;
  startedOn: Date;
  finishedOn: Date;
  log: string;
  environment: EnvironmentName | undefined;
}

/** What is to be written once there are images to attach it to. */
export interface Unwritten {
  proof: Proof;
  step: StepClaim;
}

const tools = {
  slipway: project.version,
  node: process.versions.node,
  pulumi: versions.pulumi,
  "pulumi-docker": versions.plugins.docker,
};

/** Who runs this, as far as the machine knows. */
export function whoRuns(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `${process.getuid?.() ?? "somebody"}@${hostname()}`;
  }
}

/** Where the project's commits come from, without what a person may have put there to log in. */
export async function originOf(folder: string = sourceRoot()): Promise<string | undefined> {
  const url = (await git(folder, ["remote", "get-url", "origin"])).stdout.trim();
  if (url === "") return undefined;
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  return parsed.href;
}

const hashOf = async (file: string): Promise<string> =>
  createHash("sha256")
    .update(await readFile(file))
    .digest("hex");

/** What every piece of evidence says, whatever it is of. */
export async function claimOf(
  { application, commit }: Pick<Release, "application" | "commit">,
  {
    claim,
    environment,
    startedOn,
    finishedOn,
    log,
    inputs,
  }: Omit<Ran, "log"> & Partial<Pick<Ran, "log">> & { inputs?: string },
): Promise<StepClaim> {
  const repository = await originOf();
  return {
    claim,
    application,
    commit,
    ...(repository ? { repository } : {}),
    ...(environment ? { environment } : {}),
    startedOn,
    finishedOn,
    runBy: whoRuns(),
    tools,
    ...(inputs === undefined ? {} : { inputs }),
    ...(log === undefined ? {} : { log: await hashOf(log) }),
  };
}

async function write(promotion: Promotion, { proof, step }: Unwritten): Promise<void> {
  const { release, signal } = promotion;
  if (release) await attachEvidence(release, writeStatement(release, step, proof), await ownKey(), signal);
}

/** Has the registry keep what the commit proved before it has images, in case this run does not come so far. */
async function writeEarly({ registry, signal }: Promotion, { proof, step }: Unwritten): Promise<void> {
  if (registry === undefined) return;
  await keepEarly(registry, step, proof, await ownKey(), signal).catch((error: unknown) => {
    // It is written again with the images.
    if (!(error instanceof RegistryError)) throw error;
  });
}

/**
 * Has the registry keep what a step proved, signed, with the release's images; what was proved before there were any is kept
 * from then on.
 * @throws StepFailure when the registry does not take it, or there is no key to sign with
 */
export async function record(promotion: Promotion, proof: Proof, ran: Ran): Promise<void> {
  const { unwritten, commit, delivery, checkout } = promotion;
  const application = promotion.release?.application ?? delivery?.name ?? "";
  const { environment } = ran;
  const inputs = environment && checkout ? { inputs: await environmentInputs(environment, checkout) } : {};
  const one = { proof, step: await claimOf({ application, commit }, { ...ran, ...inputs }) };
  unwritten.push(one);
  try {
    if (!promotion.release) return await writeEarly(promotion, one);
    for (const each of unwritten) await write(promotion, each);
    unwritten.length = 0;
  } catch (error) {
    if (!(error instanceof RegistryError || error instanceof EvidenceError)) throw error;
    throw new StepFailure(`What was proved cannot be kept: ${error.message}`, { cause: error });
  }
}
