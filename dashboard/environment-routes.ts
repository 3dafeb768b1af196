import { UsageError } from "../pipeline/errors.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { short } from "../settings/release.ts";
import { type App, needs } from "./app.ts";
import type { Live } from "./live.ts";
import { type EnvironmentView, environmentPage } from "./pages/environment.ts";
import { problemPage } from "./pages/problem.ts";
import { type RollbackView, rollbackPage } from "./pages/rollback.ts";
import { commitFacts } from "./release-view.ts";
import { between, factsOf } from "./remembered-commits.ts";
import { startRollback } from "./start.ts";

/** How many commits that would not run any more are shown. */
const shown = 50;

const ofEnvironment = "/environments/:name{staging|prodlike|production}";
const ofRollback = `${ofEnvironment}/rollback/:commit{[0-9a-f]{40}}` as const;

async function environmentView(live: Live, name: EnvironmentName): Promise<EnvironmentView> {
  const all = await live.environments();
  const found = all.find(({ status }) => status.environment === name);
  if (!found) throw new Error(`Nobody watches ${name}`);
  const [[commit], rollback, history] = await Promise.all([
    factsOf(found.status.release ? [found.status.release.commit] : []),
    live.rollbackOf(name),
    live.historyOf(name),
  ]);
  return { ...found, history, ...(rollback ? { rollback } : {}), ...(commit ? { commit } : {}) };
}

/** Why an environment cannot go back to a commit's release just now. */
async function closedFor(live: Live, name: EnvironmentName, running: string | undefined, commit: string) {
  if (running === undefined) return `${name} runs no release.`;
  if (running === commit) return `${name} runs it already.`;
  const rollback = await live.rollbackOf(name);
  return rollback && !rollback.outcome ? `${name} is taken back to ${short(rollback.commit)} just now.` : undefined;
}

/** @throws UsageError when there is no such release */
async function rollbackView(live: Live, environment: EnvironmentName, commit: string): Promise<RollbackView> {
  const [facts, proof, statuses] = await Promise.all([
    commitFacts(commit),
    live.releases.evidence(commit),
    live.statuses(),
  ]);
  if (!proof) throw new UsageError(`Nothing was built from ${short(commit)}, so there is no release of it`);
  const running = statuses.find((status) => status.environment === environment)?.release?.commit;
  const way = running && (await between(commit, running, { limit: shown }));
  const closed = await closedFor(live, environment, running, commit);
  return {
    environment,
    commit: facts,
    proof,
    preview: live.previews.of(environment, proof.release),
    ...(running ? { running: { commit: running, ...(way ? { between: way } : {}) } } : {}),
    ...(closed ? { closed } : {}),
  };
}

/** An environment's page, and the one from which it is taken back. */
export function addEnvironments(app: App, live: Live): void {
  app.get(ofEnvironment, async (context) => {
    const name = context.req.param("name") as EnvironmentName;
    return context.html(environmentPage(context.get("session"), await environmentView(live, name)));
  });

  app.get(ofRollback, async (context) => {
    const { name, commit } = context.req.param();
    const view = await rollbackView(live, name as EnvironmentName, commit);
    return context.html(rollbackPage(context.get("session"), view));
  });

  app.post(ofRollback, needs("operate"), async (context) => {
    const session = context.get("session");
    const { name, commit } = context.req.param();
    const { preview, closed } = await rollbackView(live, name as EnvironmentName, commit);
    const { diff = "" } = context.get("form");
    const deed = { did: "roll back", on: `${name} to ${commit}` } as const;
    const shownNow = preview.state === "known" && preview.hash === diff;
    if (closed || !shownNow) {
      const text = closed ?? `What would change in ${name} is not what you were shown. Go back and read it again.`;
      context.get("note")({ ...deed, outcome: "refused", reason: text });
      return context.html(problemPage(session, { title: "Not done", text }), 409);
    }
    await startRollback(name as EnvironmentName, commit, diff);
    context.get("note")({ ...deed, outcome: "done" });
    return context.redirect(`/environments/${name}`, 303);
  });
}
