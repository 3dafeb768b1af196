import { figuresOf } from "../pipeline/figures.ts";
import { type HistoryEntry, kindOf } from "../pipeline/history.ts";
import type { App } from "./app.ts";
import type { Live } from "./live.ts";
import { type HistoryView, historyPage, onPage, periods } from "./pages/history.ts";

const day = 86_400_000;

const whole = (text: string | undefined): number => (/^\d{1,6}$/.test(text ?? "") ? Number(text) : 0);

/** What is shown of the runs of so many days. */
async function historyView(live: Live, days: number, from: number): Promise<HistoryView> {
  const { runs, flawed } = await live.history.found();
  const until = new Date();
  const since = new Date(until.getTime() - days * day);
  const own = runs.filter(({ finishedOn }) => finishedOn >= since);
  const entries = own
    .slice(from, from + onPage)
    .map((run): HistoryEntry => ({ startedOn: run.startedOn, kind: kindOf(run), run }));
  return { figures: figuresOf(runs, { since, until }), days, entries, from, all: own.length, flawed };
}

/** The page of what ran, and its figures. */
export function addHistory(app: App, live: Live): void {
  app.get("/history", async (context) => {
    const asked = whole(context.req.query("days"));
    const days = periods.find((one) => one === asked) ?? 30;
    const view = await historyView(live, days, whole(context.req.query("from")));
    return context.html(historyPage(context.get("session"), view));
  });
}
