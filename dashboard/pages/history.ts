import type { FlawedRun } from "../../evidence/run-store.ts";
import { doraRows } from "../../pipeline/dora-words.ts";
import { duration } from "../../pipeline/duration.ts";
import { stepTitle } from "../../pipeline/events.ts";
import type { Day, Figures, Flaky, StepTimes } from "../../pipeline/figures.ts";
import type { HistoryEntry } from "../../pipeline/history.ts";
import type { Session } from "../access/sessions.ts";
import { type Html, html, nothing } from "../html.ts";
import { bars, chart, labelled, line } from "./chart.ts";
import { historyTable } from "./history-rows.ts";
import { layout } from "./layout.ts";
import { commitLink, moment } from "./parts.ts";

/** Over how many days figures can be asked for. */
export const periods = [7, 30, 90] as const;

/** How many runs stand on one page. */
export const onPage = 50;

/** All that is shown of what ran. */
export interface HistoryView {
  figures: Figures;
  /** Over how many days. */
  days: number;
  /** Newest first, from the `from`-th on. */
  entries: readonly HistoryEntry[];
  from: number;
  /** How many there are in those days. */
  all: number;
  flawed: readonly FlawedRun[];
}

const periodLinks = (days: number): Html =>
  html`<nav class="choice" aria-label="Over how long">${periods.map((one) =>
    one === days
      ? html`<a href="/history?days=${one}" aria-current="true">${one} days</a>`
      : html`<a href="/history?days=${one}">${one} days</a>`,
  )}</nav>`;

/** `0.50 a day (15 deployments)` → its figure, and the rest. */
function tile([name, text]: [string, string]): Html {
  const [, figure = text, rest = ""] = /^(.*?)(?: \((.*)\)|; (.*))$/.exec(text) ?? [];
  return html`<div class="card tile"><dt>${name}</dt><dd>${figure}${rest ? html`<span class="faint">${rest}</span>` : nothing}</dd></div>`;
}

const dayName = ({ on }: Day): string => on.toISOString().slice(0, 10);

const counted = (one: Day): string =>
  `${dayName(one)}: ${one.held} held, ${one.failed} failed${one.leadTime ? `, lead time ${duration(one.leadTime.seconds)}` : ""}`;

function deployments(days: readonly Day[]): Html {
  const all = days.map((one) => ({
    parts: [
      { size: one.held, tone: "good" as const },
      { size: one.failed, tone: "bad" as const },
    ],
    title: counted(one),
  }));
  const most = Math.max(...days.map(({ held, failed }) => held + failed));
  const total = days.reduce((sum, { held, failed }) => sum + held + failed, 0);
  const label = `${total} deployments in ${days.length} days, ${most} on one day at most`;
  return labelled(chart(label, bars(all)), ends(days, `${most} a day`));
}

const ends = (days: readonly Day[], top: string) => {
  const [first, last] = [days[0], days.at(-1)];
  return { top, from: first ? dayName(first) : "", to: last ? dayName(last) : "" };
};

function leadTimes(days: readonly Day[]): Html {
  const points = days.map(({ leadTime }) => leadTime?.seconds ?? null);
  const known = points.filter((point) => point !== null);
  if (known.length === 0) return html`<p class="faint">No commit came to production.</p>`;
  const most = Math.max(...known);
  const label = `Lead time by day, from ${duration(Math.min(...known))} to ${duration(most)}`;
  return labelled(chart(label, line(points, "busy", most)), ends(days, duration(most)));
}

const dayTable = (days: readonly Day[]): Html => html`<details id="by-day"><summary>Day by day</summary>
    <div class="rows"><table><thead><tr><th scope="col">Day</th><th scope="col" class="number">Held</th><th scope="col" class="number">Failed</th><th scope="col" class="number">Lead time</th></tr></thead>
    <tbody>${days
      .filter(({ held, failed }) => held + failed > 0)
      .toReversed()
      .map(
        (one) =>
          html`<tr><th scope="row">${dayName(one)}</th><td class="number" data-label="held">${one.held}</td><td class="number" data-label="failed">${one.failed}</td><td class="number" data-label="lead time">${one.leadTime ? duration(one.leadTime.seconds) : ""}</td></tr>`,
      )}</tbody></table></div></details>`;

function stepRow(step: StepTimes, most: number): Html {
  return html`<tr>
    <th scope="row">${stepTitle(step)}</th>
    <td class="wide"><meter min="0" max="${most}" value="${step.median}" aria-label="median">${duration(step.median)}</meter></td>
    <td class="number" data-label="median">${duration(step.median)}</td>
    <td class="number" data-label="longest">${duration(step.longest)}</td>
    <td class="number" data-label="times">${step.of}</td>
  </tr>`;
}

function slowest(steps: readonly StepTimes[]): Html {
  if (steps.length === 0) return html`<p class="faint">No step has passed yet.</p>`;
  const most = Math.max(...steps.map(({ median }) => median));
  return html`<div class="rows"><table>
    <thead><tr><th scope="col">Step</th><th scope="col"><span class="hidden-label">Beside the others</span></th><th scope="col" class="number">Median</th><th scope="col" class="number">Longest</th><th scope="col" class="number">Times</th></tr></thead>
    <tbody>${steps.map((step) => stepRow(step, most))}</tbody>
  </table></div>`;
}

const flakyRow = (one: Flaky): Html => html`<tr>
    <th scope="row">${one.tests.length > 0 ? html`<ul class="plain">${one.tests.map((test) => html`<li>${test}</li>`)}</ul>` : "A test that the runs do not name"}<div class="faint">${stepTitle(one)}</div></th>
    <td>${commitLink(one.commit)} ${one.subject}</td>
    <td class="number" data-label="failed">${one.failed} of ${one.passed + one.failed}</td>
    <td data-label="last">${moment(one.last)}</td>
  </tr>`;

function flakyTable(all: readonly Flaky[]): Html {
  if (all.length === 0) return html`<p class="faint">No test said yes and no to the same commit.</p>`;
  return html`<div class="rows"><table>
    <thead><tr><th scope="col">Test</th><th scope="col">Of the commit</th><th scope="col" class="number">Failed</th><th scope="col">Last</th></tr></thead>
    <tbody>${all.map(flakyRow)}</tbody>
  </table></div>`;
}

/** Links to the runs before and after those that are shown. */
function others({ from, all, days }: HistoryView): Html {
  if (all <= onPage) return nothing;
  const to = (at: number): string => `/history?days=${days}&from=${at}#runs`;
  const newer = from > 0 ? html`<a href="${to(Math.max(0, from - onPage))}">Newer</a>` : nothing;
  const older = from + onPage < all ? html`<a href="${to(from + onPage)}">Older</a>` : nothing;
  return html`<nav class="choice" aria-label="More runs">${newer} <span class="faint">${from + 1} to ${Math.min(all, from + onPage)} of ${all}</span> ${older}</nav>`;
}

const flaws = (flawed: readonly FlawedRun[]): Html =>
  flawed.length === 0
    ? nothing
    : html`<p class="notice bad">${flawed.length} kept as runs, and not counted: ${flawed[0]?.tag}: ${flawed[0]?.flaw}</p>`;

/** How delivery goes: what runs tell, as figures and one by one. */
export const historyPage = (session: Session, view: HistoryView): Html =>
  layout({
    title: "History and figures",
    session,
    here: "/history",
    events: "/events?of=history",
    body: html`<div class="title"><h1>History and figures</h1>${periodLinks(view.days)}</div>
      <div id="figures" data-live>
        <h2>Production, as DORA measures it</h2>
        <dl class="tiles">${doraRows(view.figures.dora).map(tile)}</dl>
        <div class="columns">
          <section><h2>Deployments</h2><div class="card">${deployments(view.figures.days)}</div></section>
          <section><h2>Lead time</h2><div class="card">${leadTimes(view.figures.days)}</div></section>
        </div>
        ${dayTable(view.figures.days)}
        <h2>Slowest steps</h2>
        ${slowest(view.figures.steps)}
        <h2>Flaky tests</h2>
        ${flakyTable(view.figures.flaky)}
      </div>
      <h2 id="runs">Runs</h2>
      <div id="run-list" data-live>${flaws(view.flawed)}${historyTable(view.entries)}${others(view)}</div>`,
  });
