import type { Claim } from "../evidence/claims.ts";
import { earlyEvidence } from "../evidence/of-commit.ts";
import { type Evidence, evidenceOf } from "../evidence/of-release.ts";
import { trustedKeys } from "../evidence/project.ts";
import { stepField } from "../evidence/statement.ts";
import { namespaceIn, stackIn } from "../settings/delivered.ts";
import { type EnvironmentName, environments } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { connect } from "../swarm/engine.ts";
import { readServices } from "../swarm/services.ts";
import { missing } from "./deploy.ts";
import { inputsIn } from "./environment-inputs.ts";
import { type EnvironmentFacts, environmentFacts } from "./facts.ts";
import { needed, type Promotion } from "./promotion.ts";
import { releaseIn } from "./release.ts";
import { noteBefore } from "./running.ts";
import { settingsFor } from "./stack-settings.ts";
import { stackOutputs } from "./stack-state.ts";
import type { Step } from "./step.ts";

/** What a release proved before this run, by what was proved; only what counts. */
export type Known = ReadonlyMap<Claim, Evidence>;

/** How old what counts may be, in days, as the commit has it. */
export const evidenceDays = async (promotion: Promotion): Promise<number> =>
  (await settingsFor(needed(promotion, "checkout"))).environments.production.evidenceDays;

/** Whether something was proved with an environment's settings as they are now, by `inputsNow`. */
function isOfNow({ statement }: Evidence, inputsNow: ReadonlyMap<string, string>): boolean {
  const { environment, inputs } = statement?.predicate[stepField] ?? {};
  const now = environment === undefined ? undefined : inputsNow.get(environment);
  return inputs === undefined || now === undefined || inputs === now;
}

/** What exactly this release has proved so far, by what was proved, under the same settings. */
export async function knownAbout(release: Release, promotion: Promotion): Promise<Known> {
  const { signal } = promotion;
  const { environments: settings } = await settingsFor(needed(promotion, "checkout"));
  const { evidence } = await evidenceOf(release, { days: settings.production.evidenceDays, signal });
  const inputsNow = new Map<string, string>(environments.map((one) => [one, inputsIn(settings[one])]));
  const counting = evidence.filter((one) => one.flaw === undefined && isOfNow(one, inputsNow));
  return new Map(counting.flatMap((one) => (one.claim ? [[one.claim, one] as const] : [])));
}

/** What the commit proved before it had images: the step that comes after takes it over to them. */
async function knownEarly(promotion: Promotion, registry: string): Promise<Known | undefined> {
  const { commit, signal } = promotion;
  const claim = "unit-tests";
  const about = { claim, application: needed(promotion, "delivery").name, commit } as const;
  const days = await evidenceDays(promotion);
  const early = await earlyEvidence(registry, about, await trustedKeys(), { days, signal }).catch(() => undefined);
  if (!early) return undefined;
  const { digest, predicateType, fields, step, signer } = early;
  promotion.unwritten.push({ proof: { type: predicateType, fields }, step });
  return new Map([[claim, { digest, claim, finishedOn: step.finishedOn, runBy: step.runBy, signer }]]);
}

/**
 * Looks for a release of the commit that was built and tested before, makes it the promotion's, and returns what it has proved.
 * Undefined where there is none, or nobody can tell: then all of it is done.
 */
export async function knownOf(registry: string, promotion: Promotion): Promise<Known | undefined> {
  const { commit, signal } = promotion;
  const unknown = (): undefined => undefined;
  const release = await releaseIn(registry, needed(promotion, "delivery"), commit, signal).catch(unknown);
  const known = release && (await knownAbout(release, promotion));
  if (!release || !known?.has("unit-tests") || !known.has("build")) return knownEarly(promotion, registry);
  promotion.release = release;
  return known;
}

/** What an environment says of itself, if it runs exactly the release now, at full strength. */
export async function runsNow(
  environment: EnvironmentName,
  release: Release,
  signal: AbortSignal,
): Promise<EnvironmentFacts | undefined> {
  const facts = environmentFacts(environment, await stackOutputs(stackIn(environment), signal));
  if (!facts || facts.release?.commit !== release.commit) return undefined;
  const services = await readServices(connect(facts.engine), namespaceIn(environment)).catch(() => undefined);
  return services && missing(services, facts, release).length === 0 ? facts : undefined;
}

const suites = {
  staging: "functional/staging",
  prodlike: "readiness/prodlike",
  production: "readiness/production",
} as const;

/**
 * The evidence because of which a step need not be run. A deployment to staging or prodlike only serves the tests that follow,
 * so it is skipped with them; one that is to be followed by tests, or is to production, only if the release runs there now.
 */
export async function provedBefore(
  { number, claim, environment }: Step,
  promotion: Promotion,
): Promise<Evidence | undefined> {
  const { known, skipped, signal } = promotion;
  const evidence = claim && known?.get(claim);
  if (!evidence || !environment) return evidence;
  if (claim === suites[environment]) return skipped.has(number - 1) ? evidence : undefined;
  if (environment !== "production" && known?.has(suites[environment])) return evidence;
  const facts = await runsNow(environment, needed(promotion, "release"), signal);
  if (!facts) return undefined;
  promotion.facts[environment] = facts;
  noteBefore(environment, facts, promotion);
  return evidence;
}
