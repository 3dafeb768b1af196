import { duration } from "../../pipeline/duration.ts";
import type { HistoryEntry } from "../../pipeline/history.ts";
import { about, ending, seconds, who } from "../../pipeline/history-words.ts";
import type { EnvironmentName } from "../../settings/environment.ts";
import { type Html, html, nothing } from "../html.ts";
import { badge, moment, type Tone } from "./parts.ts";

const tones: Record<"✓" | "✗" | "-", Tone> = { "✓": "good", "✗": "bad", "-": "careful" };

/** What something was about, with the page of its release where it has one. */
function subject({ run, kind }: HistoryEntry, name: string): Html {
  if (!run || (kind === "going back" && run.kind === "promotion")) return html`${name}`;
  return html`<a class="subject" href="/releases/${run.commit}">${run.subject}</a><div class="faint">${name}</div>`;
}

function row(entry: HistoryEntry, environment: EnvironmentName | undefined, last: (entry: HistoryEntry) => Html): Html {
  const { word, mark, reasons } = ending(entry, environment);
  const glass = entry.kind === "promotion" ? entry.run?.brokenGlass : undefined;
  return html`<tr>
    <th scope="row">${subject(entry, about(entry))}</th>
    <td>${badge(tones[mark], word)}${reasons.filter(Boolean).map((reason) => html`<div class="faint">${reason}</div>`)}${glass ? html`<div class="bad">the glass was broken: ${glass.reason}</div>` : nothing}</td>
    <td data-label="began">${moment(entry.startedOn)}</td>
    <td class="number" data-label="took">${duration(seconds(entry, environment))}</td>
    <td class="faint">${who(entry)}</td>
    ${last(entry)}
  </tr>`;
}

interface Rows {
  environment?: EnvironmentName;
  /** What is told or offered of each at its end, as a cell, under that title. */
  last?: { title: string; cell: (entry: HistoryEntry) => Html };
}

/** What ran, newest first. */
export function historyTable(entries: readonly HistoryEntry[], { environment, last }: Rows = {}): Html {
  if (entries.length === 0) return html`<p class="faint">Nothing has run yet.</p>`;
  return html`<div class="rows"><table>
    <thead><tr><th scope="col">Release</th><th scope="col">Ended</th><th scope="col">When</th><th scope="col" class="number">Took</th><th scope="col">By</th>${last ? html`<th scope="col"><span class="hidden-label">${last.title}</span></th>` : nothing}</tr></thead>
    <tbody>${entries.map((entry) => row(entry, environment, last?.cell ?? (() => nothing)))}</tbody>
  </table></div>`;
}
