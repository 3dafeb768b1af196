import type { App } from "./app.ts";
import { addDecisions } from "./decision-routes.ts";
import { addEnvironments } from "./environment-routes.ts";
import { addEvents } from "./events.ts";
import { addHistory } from "./history-routes.ts";
import type { Live } from "./live.ts";
import { nowPage } from "./pages/now.ts";
import { addReleases } from "./release-routes.ts";

/** The pages, and what is done from them. */
export function addPages(app: App, live: Live, signal: AbortSignal): void {
  app.get("/", async (context) => context.html(nowPage(context.get("session"), await live.overview())));
  addEnvironments(app, live);
  addReleases(app, live, signal);
  addDecisions(app, live, signal);
  addHistory(app, live);
  addEvents(app, live.topics);
}
