import type { Decision, Standing } from "../evidence/approvals.ts";
import { type Release, short } from "../settings/release.ts";
import { releaseName } from "../settings/release-name.ts";
import type { StepResult } from "./events.ts";
import type { GoingBack } from "./go-back.ts";
import type { Promotion } from "./promotion.ts";
import { type EnvironmentStatus, environmentStatus } from "./status.ts";
import { steps } from "./steps/index.ts";

/** Declined is a no to this moment, rejected one to the release; superseded gave way to a newer commit. */
export type PromotionOutcome = "ready" | "deployed" | "declined" | "rejected" | "superseded" | "failed";

/** How a promotion ended. */
export interface PromotionResult {
  commit: string;
  outcome: PromotionOutcome;
  /** What was built, once it was. */
  release: Release | null;
  /** All nine, those that were not reached included. */
  steps: StepResult[];
  /** Where production shows the application, once the release runs there. */
  addresses: string[];
  /** Going back to what production ran before, when this commit did not hold there. */
  wentBack?: GoingBack;
  /** What production runs now, in one sentence; said where this commit was not deployed to it. */
  production?: string;
  /** The migrations because of which it was not deployed without asking. */
  irreversible?: string[];
  /** Who rejected it for production, and why. */
  rejection?: Decision;
  /** Why production may not be changed now, by its windows and freezes. */
  held?: string;
  /** Whose approvals count, and how many are lacking. */
  approvals?: Standing;
  /** The newer commit that this one gave way to. */
  supersededBy?: string;
  /** The next command to type. */
  next?: string;
}

/**
 * What production runs, in one sentence.
 * @param status undefined where it cannot be told
 * @param failed the number of the step that said no, if one did
 */
export function productionSentence(status: EnvironmentStatus | undefined, failed: number | undefined): string {
  const untouched = failed !== undefined && failed < 8 ? "untouched, " : "";
  const { release, state = "its state is not known", reasons = [] } = status ?? {};
  if (state === "not created" && failed !== undefined && failed >= 8)
    return "not finished; it ran no release before that it could go back to";
  if (!release) return `${untouched}${state}`;
  const trouble = state === "healthy" ? "" : `; ${[state, ...reasons.slice(0, 1)].join(": ")}`;
  return `${untouched}it runs ${releaseName(release)}${trouble}`;
}

/** The same, asked of its Swarm. */
const productionNow = async (failed: StepResult | undefined): Promise<string> =>
  productionSentence(await environmentStatus("production").catch(() => undefined), failed?.number);

function nextOf(
  { commit, irreversible = [], approvals, held, supersededBy }: Promotion,
  outcome: PromotionOutcome,
  failed: StepResult | undefined,
): string | undefined {
  if (outcome === "failed") return failed?.next ?? "Mend it, commit, and type again: npm run promote";
  if (outcome === "deployed" || outcome === "rejected") return undefined;
  if (supersededBy) return `npm run promote -- ${short(supersededBy)}`;
  if (held) return `npm run promote -- ${short(commit)} (or with --override REASON)`;
  if (approvals?.lacking) return `npm run promote -- approve ${short(commit)}`;
  return `npm run promote -- ${short(commit)} --continuous${irreversible.length > 0 ? " --irreversible" : ""}`;
}

const pageAt = (address: string, { delivery }: Promotion): string =>
  delivery?.page && delivery.page !== "/" ? `${address}${delivery.page}` : address;

/** Everything there is to say at the end of a promotion. */
export async function conclude(
  promotion: Promotion,
  results: StepResult[],
  outcome: PromotionOutcome,
  wentBack?: GoingBack,
): Promise<PromotionResult> {
  const failed = results.find((result) => result.outcome === "failed");
  // What a failed commit had set in motion beside its steps ends before the run does.
  if (failed?.number === 2) await promotion.platform().catch(() => {});
  const rest = steps.slice(results.length).map(({ number, name, environment }) => ({
    number,
    name,
    ...(environment ? { environment } : {}),
    outcome: "not reached" as const,
    seconds: 0,
  }));
  const next = nextOf(promotion, outcome, failed);
  return {
    commit: promotion.commit,
    outcome,
    release: promotion.release ?? null,
    steps: [...results, ...rest],
    addresses: (promotion.facts.production?.addresses ?? []).map((address) => pageAt(address, promotion)),
    ...(outcome === "deployed" ? {} : { production: await productionNow(failed) }),
    ...(wentBack ? { wentBack } : {}),
    ...(promotion.irreversible?.length ? { irreversible: promotion.irreversible } : {}),
    ...(promotion.held ? { held: promotion.held } : {}),
    ...(promotion.approvals ? { approvals: promotion.approvals } : {}),
    ...(promotion.supersededBy ? { supersededBy: promotion.supersededBy } : {}),
    ...(promotion.rejection ? { rejection: promotion.rejection } : {}),
    ...(next ? { next } : {}),
  };
}
