import { rejectionIn, standing } from "../evidence/approvals.ts";
import { approvalsOf, barredHere } from "../pipeline/approval.ts";
import type { CommitFacts } from "../pipeline/commits.ts";
import { UsageError } from "../pipeline/errors.ts";
import type { EnvironmentStatus } from "../pipeline/status.ts";
import { titles as steps } from "../pipeline/steps/titles.ts";
import { short } from "../settings/release.ts";
import { heldBack } from "../settings/windows.ts";
import type { Account } from "./access/users.ts";
import type { Live } from "./live.ts";
import { overviewOf } from "./overview.ts";
import type { ApproveView } from "./pages/approve.ts";
import type { ReleaseView } from "./pages/release.ts";
import { between, factsOf } from "./remembered-commits.ts";

/** How many commits that come with a release are shown. */
const shown = 50;

/**
 * What git says of a commit.
 * @throws UsageError when this repository does not know it
 */
export async function commitFacts(commit: string): Promise<CommitFacts> {
  const [facts] = await factsOf([commit]);
  if (facts) return facts;
  throw new UsageError(`There is no commit ${short(commit)} in this repository`, {
    next: "git fetch, if somebody else made it",
  });
}

const runsInProduction = (statuses: readonly EnvironmentStatus[]): string | undefined =>
  statuses.find(({ environment }) => environment === "production")?.release?.commit;

/** What production runs, and what the commit has that it has not. */
async function productionBeside(
  commit: string,
  statuses: readonly EnvironmentStatus[],
): Promise<Pick<ReleaseView, "production">> {
  const running = runsInProduction(statuses);
  if (running === undefined) return {};
  const way = await between(running, commit, { limit: shown });
  return { production: { commit: running, ...(way ? { between: way } : {}) } };
}

/** All that is shown of a release. */
export async function releaseView(live: Live, commit: string): Promise<ReleaseView> {
  const facts = await commitFacts(commit);
  const [proof, runs, environments] = await Promise.all([live.releases.evidence(commit), live.runs(), live.statuses()]);
  // Where the commit is among others is git's to say: production's comes first where it is newer.
  const beside = await productionBeside(commit, environments);
  const way = beside.production?.between;
  const running = way ? await factsOf([beside.production?.commit ?? ""]) : [];
  const isBehind = way !== undefined && way.commits.length === 0 && commit !== beside.production?.commit;
  const commits = isBehind ? [...running, facts] : [facts, ...running.filter((one) => one.commit !== commit)];
  const proofs = new Map(proof ? [[commit, proof]] : []);
  const row = overviewOf({ environments, commits, proofs, runs, steps }).rows.find(
    (one) => one.commit.commit === commit,
  );
  const { standing = "not delivered", reason, cells = [], run } = row ?? {};
  const goesOn = run?.outcome === undefined ? run?.steps.find(({ outcome }) => outcome === "running") : undefined;
  const log = goesOn?.log === undefined ? [] : await live.logs.end(goesOn.log, `log/${commit}`);
  return {
    commit: facts,
    standing,
    cells,
    steps,
    log,
    ...(reason ? { reason } : {}),
    ...(run ? { run } : {}),
    ...(proof ? { proof } : {}),
    ...beside,
  };
}

/**
 * All that somebody reads before they decide about a release and production.
 * @throws UsageError when nothing was built from the commit
 */
export async function approveView(
  live: Live,
  commit: string,
  user: Account,
  signal: AbortSignal,
): Promise<ApproveView> {
  const facts = await commitFacts(commit);
  const [proof, environments] = await Promise.all([live.releases.evidence(commit), live.statuses()]);
  if (!proof) throw new UsageError(`Nothing was built from ${short(commit)} yet`, { next: "deliver it first" });
  const approvals = await approvalsOf(proof.release, signal);
  const { decisions, rules, involved } = approvals;
  const rejection = rejectionIn(decisions);
  const running = runsInProduction(environments) === commit;
  const preview = live.previews.of("production", proof.release);
  const hash = preview.state === "known" ? { hash: preview.hash } : {};
  const bar = await barredHere(approvals, user);
  const held = heldBack(rules, new Date());
  const closed = rejection
    ? `${rejection.approver} rejected it${rejection.reason ? `: ${rejection.reason}` : ""}`
    : running
      ? "Production runs it already."
      : undefined;
  return {
    commit: facts,
    proof,
    preview,
    ...(await productionBeside(commit, environments)),
    standing: standing(decisions, { ...hash, rules, involved, now: new Date() }),
    approvers: rules.approvers,
    ...(bar ? { bar: `Your approval would not count: ${bar}` } : {}),
    ...(closed ? { closed } : {}),
    ...(held ? { held } : {}),
  };
}
