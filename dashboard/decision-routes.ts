import { standing } from "../evidence/approvals.ts";
import { approvalsOf } from "../pipeline/approval.ts";
import type { Release } from "../settings/release.ts";
import { type Decision, decideApart } from "./apart.ts";
import { type App, needs } from "./app.ts";
import type { Live } from "./live.ts";
import { approvePage } from "./pages/approve.ts";
import { problemPage } from "./pages/problem.ts";
import { problemOf } from "./problem.ts";
import { ofCommit } from "./release-routes.ts";
import { approveView } from "./release-view.ts";
import { startDelivery } from "./start.ts";

/** Whether nobody else has to approve a release's change. */
async function isEnough(release: Release, hash: string, signal: AbortSignal): Promise<boolean> {
  const { decisions, rules, involved } = await approvalsOf(release, signal);
  return standing(decisions, { hash, rules, involved, now: new Date() }).lacking === 0;
}

/** The page with the two buttons, and what they do. */
export function addDecisions(app: App, live: Live, signal: AbortSignal): void {
  app.get(`${ofCommit}/approve`, async (context) => {
    const session = context.get("session");
    return context.html(
      approvePage(session, await approveView(live, context.req.param("commit"), session.user, signal)),
    );
  });

  app.post(`${ofCommit}/decision`, needs("approve"), async (context) => {
    const session = context.get("session");
    const note = context.get("note");
    const { commit } = context.req.param();
    const { decision, diff = "", reason: said = "" } = context.get("form");
    const reason = said.trim();
    const refuse = (title: string, text: string, status: 400 | 409) =>
      context.html(problemPage(session, { title, text }), status);
    if (decision !== "approved" && decision !== "rejected") return refuse("Not done", "Approve it or reject it.", 400);
    if (decision === "rejected" && reason === "") return refuse("Not done", "A rejection wants a reason.", 400);
    const deed = {
      did: decision === "approved" ? "approve" : "reject",
      on: commit,
      ...(reason ? { reason } : {}),
    } as const;
    const { name, emails } = session.user;
    const decided: Decision = { commit, decision, reason, diff, person: { name, emails } };
    const release = await decideApart(decided, signal).catch((error: unknown) => {
      note({ ...deed, outcome: "failed", reason: problemOf(error).text });
      throw error;
    });
    if (!release) {
      note({ ...deed, outcome: "refused", reason: "what would change is not what was shown" });
      return refuse(
        "Not approved",
        "What would change in production is not what you were shown. Go back and read it again.",
        409,
      );
    }
    note({ ...deed, outcome: "done" });
    await live.releases.refresh(commit);
    if (decision === "approved" && (await isEnough(release, diff, signal))) await startDelivery(commit);
    return context.redirect(`/releases/${commit}`, 303);
  });
}
