import { duration } from "../../pipeline/duration.ts";
import { type Progress, type ProgressEvent, type StepResult, stepTitle } from "../../pipeline/events.ts";
import { plainLine } from "../../pipeline/plain-text.ts";
import { say, sayThrough } from "../output.ts";
import { LiveArea } from "./live-area.ts";
import { bad, faint, good } from "./style.ts";

/** Shows progress until closed. */
export interface ProgressView {
  progress: Progress;
  close(): void;
}

const ended = (title: string, failed: boolean, seconds: number): string =>
  `${failed ? bad("✗") : good("✓")} ${title} ${faint(duration(seconds))}`;

const when = (at: Date | undefined): string => (at ? ` ${at.toISOString().slice(0, 16).replace("T", " ")} UTC` : "");

function stepEnded(step: StepResult): string {
  const { provedBefore } = step;
  if (step.outcome === "waived") return `${bad("!")} ${stepTitle(step)} ${bad("not done: the glass is broken")}`;
  if (!provedBefore) return ended(stepTitle(step), step.outcome === "failed", step.seconds);
  const by = provedBefore.signer ? ` by ${plainLine(provedBefore.signer, 60)}` : "";
  return `${good("=")} ${stepTitle(step)} ${faint(`proved before${when(provedBefore.on)}${by}`)}`;
}

/** The lines that stay: what ended, and what somebody should know. */
function lasting(event: ProgressEvent): string | undefined {
  if (event.type === "note") return `${faint("·")} ${plainLine(event.text, 400)}`;
  if (event.type === "step-ended") return stepEnded(event.step);
  if (event.type === "preparation-ended") return ended(event.name, event.failed, event.seconds);
  return undefined;
}

const began = (event: ProgressEvent): string | undefined => {
  if (event.type === "step-started") return stepTitle(event.step);
  if (event.type === "preparation-started") return event.name;
  return undefined;
};

const over = (event: ProgressEvent): string | undefined => {
  if (event.type === "step-ended") return stepTitle(event.step);
  if (event.type === "preparation-ended") return event.name;
  return undefined;
};

/** What is going on, by title, with when it began and the last line of detail. */
class Activities {
  readonly #running = new Map<string, number>();
  #detail = "";

  take(event: ProgressEvent): void {
    const start = began(event);
    const end = over(event);
    if (start !== undefined) this.#running.set(start, Date.now());
    if (end !== undefined) this.#running.delete(end);
    if (start !== undefined || end !== undefined) this.#detail = "";
    if (event.type === "detail" && event.text.trim() !== "") this.#detail = plainLine(event.text);
  }

  /** @param least leaves out what has been going on for less, in milliseconds */
  lines(mark: string, least = 0): string[] {
    const long = [...this.#running].filter(([, since]) => Date.now() - since >= least);
    const running = long.map(
      ([title, since]) => `${mark} ${title} ${duration(Math.floor((Date.now() - since) / 1_000))}`,
    );
    return this.#detail === "" || running.length === 0 ? running : [...running, `    ${this.#detail}`];
  }
}

const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

function liveView(): ProgressView {
  const activities = new Activities();
  const area = new LiveArea(process.stderr);
  sayThrough((text) => area.above(text));
  let frame = 0;
  let open = true;
  const draw = (): void => area.draw(activities.lines(spinner[frame++ % spinner.length] ?? ""));
  const timer = setInterval(draw, 120);
  return {
    progress(event) {
      activities.take(event);
      const line = lasting(event);
      if (line !== undefined) say(line);
    },
    close() {
      if (!open) return;
      open = false;
      clearInterval(timer);
      // What still goes on was cut off.
      say(...activities.lines(faint("–")));
      area.close();
      sayThrough();
    },
  };
}

/** How often a step that takes long says that it goes on, where nothing is drawn. */
const heartbeat = 30_000;

/** What began only just now was said just now. */
const worthSaying = 5_000;

function plainView(): ProgressView {
  const activities = new Activities();
  const timer = setInterval(() => say(...activities.lines("  …", worthSaying)), heartbeat);
  return {
    progress(event) {
      activities.take(event);
      const start = began(event);
      if (start !== undefined) say(`> ${start}`);
      const line = lasting(event);
      if (line !== undefined) say(line);
    },
    close: () => clearInterval(timer),
  };
}

/** Live on a terminal, plain lines everywhere else. */
export function progressView(): ProgressView {
  const live = process.stderr.isTTY && !process.env.CI && process.env.TERM !== "dumb";
  return live ? liveView() : plainView();
}
