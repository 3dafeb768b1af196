import { duration } from "../../pipeline/duration.ts";
import { plainLine, utc } from "../../pipeline/plain-text.ts";
import { branchText } from "../../pipeline/watch/branch.ts";
import type { Conclusion, WatchEvent } from "../../pipeline/watch/events.ts";
import { short } from "../../settings/release.ts";
import { bad, careful, faint, good } from "./style.ts";

const colours: Record<Conclusion, (text: string) => string> = {
  deployed: good,
  ready: good,
  rejected: bad,
  superseded: careful,
  failed: bad,
};

const known: Record<Conclusion, string> = {
  deployed: "was deployed before",
  ready: "is ready for production already",
  rejected: "was rejected before",
  superseded: "gave way to a newer one before",
  failed: "was not good enough before; to try it again",
};

const again = (commit: string): string => `npm run promote -- ${short(commit)}`;

function next(commit: string, conclusion: Conclusion): string {
  if (conclusion === "ready") return `; to deploy it: npm run promote -- approve ${short(commit)}`;
  return "";
}

const began = ({ branch, interval, every, continuous }: Extract<WatchEvent, { type: "watching" }>): string =>
  `Following ${branchText(branch)}, every ${duration(interval)}: ${every ? "each commit" : "the newest commit"} is delivered ` +
  (continuous ? "to production" : "up to the button");

/** What happened, on one line, without the time. */
function line(event: WatchEvent): string | undefined {
  switch (event.type) {
    case "watching":
      return began(event);
    case "unreachable":
      return careful(`Cannot look: ${event.reason}; tried again until it is there`);
    case "reachable":
      return good("Can look again");
    case "unknown":
      return careful(`Nobody can tell what was delivered before: ${event.reason}`);
    case "forced":
      return careful(`${short(event.from)} is not of the branch any more; going on from ${short(event.to)}`);
    case "skipped":
      return `Skipped for a newer one: ${event.commits.slice(-5).map(short).join(", ")}${more(event.commits.length)}`;
    case "known":
      return `${short(event.commit)} ${known[event.conclusion]}${event.conclusion === "failed" ? `: ${again(event.commit)}` : next(event.commit, event.conclusion)}`;
    case "delivering":
      return `${short(event.commit)} ${plainLine(event.subject, 72)}: ${event.because ?? "delivering"}`;
    case "output":
      return event.text.trim() === "" ? undefined : faint(`${short(event.commit)} | ${plainLine(event.text, 400)}`);
    case "ended":
      return `${short(event.commit)} ${colours[event.conclusion](event.description)}${next(event.commit, event.conclusion)}`;
    case "unfinished":
      return `${short(event.commit)} ${careful(event.description)}; tried again in ${duration(event.retryIn)}`;
    case "superseded":
      return `${short(event.commit)} waits for the button no longer: ${short(event.by)} came in its place`;
    case "interrupted":
      return `${short(event.commit)} ${careful("interrupted; the next run goes on")}`;
    case "statuses":
      return careful(plainLine(event.text, 300));
    case "drift":
      return careful(`Drift in ${event.environment}: ${event.differences.join("; ")}`);
    case "drift-gone":
      return good(`${event.environment} is as Pulumi says again`);
    case "drift-unknown":
      return careful(plainLine(`Nobody can tell drift${where(event.environment)}: ${event.reason}`, 300));
    case "fault":
      return bad(`A fault of the tool itself, which goes on all the same: ${event.reason}`);
    case "ended-watching":
      return "Ended";
  }
}

const where = (environment: string | undefined): string => (environment ? ` in ${environment}` : "");

const more = (count: number): string => (count > 5 ? ` and ${count - 5} before` : "");

/** What happened while a branch is followed, as lines for a person or a journal. */
export function watchLines(event: WatchEvent, at: Date = new Date()): string[] {
  const text = line(event);
  return text === undefined ? [] : [`${faint(utc(at))}  ${text}`];
}
