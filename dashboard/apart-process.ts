// Does one thing for the dashboard and ends: see apart.ts.
import { decideOn, hashOf } from "../pipeline/approval.ts";
import { previewRelease } from "../pipeline/preview.ts";
import type { Answer, Request } from "./apart.ts";
import { problemOf } from "./problem.ts";

const stop = new AbortController();
const quiet = { signal: stop.signal, progress: () => {} };

function done(request: Request): Promise<unknown> {
  if (request.what === "preview") {
    return previewRelease(request.environment, { release: request.release, ...quiet });
  }
  const { commit, decision, person, reason, diff: read } = request;
  return decideOn({
    commit,
    decision,
    person,
    ...(decision === "rejected" ? { reason } : {}),
    ...quiet,
    // A rejection is of the release, whatever it would change.
    agree: (diff) => Promise.resolve(decision === "rejected" || hashOf(diff) === read),
  });
}

process.once("message", async (request) => {
  const answer = await done(request as Request).then(
    (value): Answer => ({ value }),
    (error: unknown): Answer => ({ problem: problemOf(error) }),
  );
  process.send?.(answer, () => {
    if (process.connected) process.disconnect();
  });
});
// Whoever asked is gone.
process.once("disconnect", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
