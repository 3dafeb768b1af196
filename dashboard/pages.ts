import { factsOf } from "../pipeline/commits.ts";
import type { App } from "./app.ts";
import { addDecisions } from "./decision-routes.ts";
import { addEvents } from "./events.ts";
import { addHistory } from "./history-routes.ts";
import type { Live } from "./live.ts";
import { environmentPage } from "./pages/environment.ts";
import { nowPage } from "./pages/now.ts";
import { addReleases } from "./release-routes.ts";

/** The pages, and what is done from them. */
export function addPages(app: App, live: Live, signal: AbortSignal): void {
  app.get("/", async (context) => context.html(nowPage(context.get("session"), await live.overview())));
  app.get("/environments/:name", async (context, next) => {
    const all = await live.environments();
    const found = all.find(({ status }) => status.environment === context.req.param("name"));
    if (!found) return next();
    const [commit] = await factsOf(found.status.release ? [found.status.release.commit] : []);
    return context.html(environmentPage(context.get("session"), { ...found, ...(commit ? { commit } : {}) }));
  });
  addReleases(app, live, signal);
  addDecisions(app, live, signal);
  addHistory(app, live);
  addEvents(app, live.topics);
}
