import { duration } from "../../pipeline/duration.ts";
import type { History, HistoryEntry } from "../../pipeline/history.ts";
import { about, ending, seconds, who } from "../../pipeline/history-words.ts";
import { plainLine, utc } from "../../pipeline/plain-text.ts";
import type { EnvironmentName } from "../../settings/environment.ts";
import { doraLines } from "./dora.ts";
import { bad, careful, faint, good, strong } from "./style.ts";

const colours = { "✓": good, "✗": bad, "-": careful } as const;

function entryLines(entry: HistoryEntry, environment: EnvironmentName | undefined): string[] {
  const { word, mark, reasons } = ending(entry, environment);
  const { run, kind } = entry;
  const colour = colours[mark];
  const subject = run && (kind === "promotion" || run.kind === "rollback") ? [run.subject] : [];
  const glass = run?.brokenGlass && kind === "promotion" ? [`the glass was broken: ${run.brokenGlass.reason}`] : [];
  const told = [
    colour(`${mark} ${utc(entry.startedOn)}`),
    colour(plainLine(word, 20).padEnd(13)),
    `${plainLine(about(entry), 80).padEnd(31)} `,
    duration(seconds(entry, environment)).padStart(11),
    plainLine(who(entry), 200),
  ];
  return [
    told.join("  ").trimEnd(),
    ...subject.map((text) => `    ${faint(plainLine(text, 100))}`),
    ...[...reasons, ...glass].map((reason) => `    ${plainLine(reason, 300)}`),
  ];
}

const shownFlaws = 5;

/** What does not count; the first few of it, since anybody who may write to a registry can leave much there. */
function flawLines({ flawed }: History): string[] {
  if (flawed.length === 0) return [];
  const lines = flawed.slice(0, shownFlaws).map(({ tag, flaw }) => `  ${plainLine(tag, 60)}: ${plainLine(flaw, 200)}`);
  const more = flawed.length > shownFlaws ? [`  … and ${flawed.length - shownFlaws} more`] : [];
  return ["", bad(strong("Kept as runs, and not counted:")), ...lines, ...more];
}

/** What ran, as lines for a person. */
export function historyLines(history: History): string[] {
  const { application, environment, entries, dora } = history;
  const nothing = `Nothing of ${application} has run${environment ? ` in ${environment}` : ""} yet.`;
  return [
    ...(entries.length === 0 ? [nothing] : entries.flatMap((entry) => entryLines(entry, environment))),
    ...(dora ? ["", ...doraLines(dora)] : []),
    ...flawLines(history),
  ];
}
