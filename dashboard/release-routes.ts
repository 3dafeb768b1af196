import { keptEnvelope } from "../evidence/store.ts";
import { type App, needs } from "./app.ts";
import type { Live } from "./live.ts";
import { problemPage } from "./pages/problem.ts";
import { releasePage } from "./pages/release.ts";
import { releaseView } from "./release-view.ts";
import { startDelivery } from "./start.ts";

/** A full commit id: nothing else that a path holds reaches git. */
export const ofCommit = "/releases/:commit{[0-9a-f]{40}}";

/** A release's page, its evidence as it is kept, and its delivery. */
export function addReleases(app: App, live: Live, signal: AbortSignal): void {
  app.get(ofCommit, async (context) => {
    const view = await releaseView(live, context.req.param("commit"));
    return context.html(releasePage(context.get("session"), view));
  });

  app.get(`${ofCommit}/evidence/:digest{sha256:[0-9a-f]{64}}/:form{statement|envelope}`, async (context) => {
    const { commit, digest, form } = context.req.param();
    const proof = await live.releases.evidence(commit);
    const envelope = proof && (await keptEnvelope(proof.release, digest, signal));
    if (!envelope) return context.notFound();
    const text =
      form === "statement" ? Buffer.from(envelope.payload, "base64").toString("utf8") : JSON.stringify(envelope);
    return context.body(text, 200, {
      "content-type": "application/json; charset=utf-8",
      "content-disposition": `attachment; filename="${digest.slice(7, 19)}.${form}.json"`,
    });
  });

  app.post(`${ofCommit}/deliver`, needs("operate"), async (context) => {
    const { commit } = context.req.param();
    const { standing } = await releaseView(live, commit);
    if (standing === "running") {
      const text = "It is delivered just now.";
      return context.html(problemPage(context.get("session"), { title: "Not done", text }), 409);
    }
    await startDelivery(commit);
    context.get("note")({ did: "deliver", on: commit, outcome: "done" });
    return context.redirect(`/releases/${commit}`, 303);
  });
}
