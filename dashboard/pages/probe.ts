import { duration } from "../../pipeline/duration.ts";
import { utc } from "../../pipeline/plain-text.ts";
import type { LoadFigures } from "../../pipeline/probe/figures.ts";
import type { LoadSeries } from "../../pipeline/probe/series.ts";
import { type Html, html, nothing } from "../html.ts";
import { bars, chart, labelled, line, mark } from "./chart.ts";

const figure = (milliseconds: number): string => `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;

const clock = (at: number): string => utc(new Date(at)).slice(11);

/** What the rollout did meanwhile, as marks where it did it. */
function marks({ from, every, sent }: LoadSeries, events: LoadFigures["events"] = []): Html {
  const whole = every * sent.length;
  const inside = events.filter(({ at }) => at >= from && at <= from + whole);
  return html`${inside.map(({ at, what }) => mark((at - from) / whole, `${clock(at)}: ${what}`))}`;
}

function requests(series: LoadSeries, events: LoadFigures["events"]): Html {
  const { from, every, sent, failed } = series;
  const all = sent.map((many, part) => {
    const lost = failed[part] ?? 0;
    return {
      parts: [
        { size: lost, tone: "bad" as const },
        { size: many - lost, tone: "plain" as const },
      ],
      title: `${clock(from + part * every)}: ${lost} of ${many} failed, p50 ${figure(series.p50[part] ?? 0)}, p99 ${figure(series.p99[part] ?? 0)}`,
    };
  });
  const most = Math.max(...sent);
  const label = `Requests over time, ${most} in ${duration(every / 1_000)} at most; ${failed.filter((lost) => lost > 0).length} of ${sent.length} parts with failures`;
  return labelled(chart(label, html`${bars(all)}${marks(series, events)}`), {
    top: `${most} requests in ${duration(every / 1_000)}`,
    ...ends(series),
  });
}

const ends = ({ from, every, sent }: LoadSeries) => ({ from: clock(from), to: clock(from + every * sent.length) });

function latencies(series: LoadSeries, events: LoadFigures["events"]): Html {
  const most = Math.max(...series.p99);
  const label = `Latency over time: p50 ${figure(Math.max(...series.p50))} and p99 ${figure(most)} at most`;
  const lines = html`${line(series.p99, "careful", most)}${line(series.p50, "busy", most)}${marks(series, events)}`;
  return labelled(chart(label, lines), { top: `${figure(most)}: p99 above, p50 below`, ...ends(series) });
}

function eventList(events: LoadFigures["events"] = []): Html {
  if (events.length === 0) return nothing;
  return html`<ul class="plain faint">${events.map(({ at, what }) => html`<li><span class="mono">${clock(at)}</span> ${what}</li>`)}</ul>`;
}

/** What the load probe saw: in one line, and over time. */
export function probeBlock(number: number, { sent, failed, rate, latency, series, events }: LoadFigures): Html {
  const said = html`probe: <span class="${failed > 0 ? "bad" : ""}">${failed} of ${sent} requests failed</span><span class="faint">, ${Math.round(rate)} a second, p50 ${figure(latency.p50)}, p99 ${figure(latency.p99)}, max ${figure(latency.max)}</span>`;
  if (!series || series.sent.length < 2) return html`<div>${said}</div>`;
  const graphs = html`<div class="graphs">${requests(series, events)}${latencies(series, events)}</div>${eventList(events)}`;
  return failed > 0
    ? html`<details id="probe-${number}" open><summary>${said}</summary>${graphs}</details>`
    : html`<details id="probe-${number}"><summary>${said}</summary>${graphs}</details>`;
}
