import type { App } from "./app.ts";
import { addEvents } from "./events.ts";
import type { Live } from "./live.ts";
import { nowPage } from "./pages/now.ts";

/** The pages, and what is done from them. */
export function addPages(app: App, live: Live): void {
  app.get("/", async (context) => context.html(nowPage(context.get("session"), await live.overview())));
  addEvents(app, live.topics);
}
