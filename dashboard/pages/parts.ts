import { utc } from "../../pipeline/plain-text.ts";
import { short } from "../../settings/release.ts";
import { type Html, html } from "../html.ts";
import type { Cell, Standing } from "../overview.ts";

/** Good, bad, wants care, goes on; empty for none of them. */
export type Tone = "good" | "bad" | "careful" | "busy" | "";

export const badge = (tone: Tone, text: string): Html => html`<span class="badge ${tone}">${text}</span>`;

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;

function ago(seconds: number): string {
  const unit = units.find(([, size]) => seconds >= size);
  return unit ? `${Math.floor(seconds / unit[1])} ${unit[0]} ago` : "just now";
}

/** A moment as how long ago it was, with the time itself beside it for who points there. */
export const moment = (at: Date): Html =>
  html`<time datetime="${at.toISOString()}" title="${utc(at)}" data-ago>${ago((Date.now() - at.getTime()) / 1_000)}</time>`;

/** A commit by its short id, with a link to its release. */
export const commitLink = (commit: string): Html =>
  html`<a class="mono" href="/releases/${commit}">${short(commit)}</a>`;

/** The nine steps of a release as a bar; each cell says in words what its colour says. */
export const stepBar = (cells: readonly Cell[]): Html =>
  html`<ol class="steps" aria-label="steps">${cells.map(
    ({ number, name, outcome }) =>
      html`<li class="${outcome.replace(" ", "-")}" title="${number} ${name}: ${outcome}"><span aria-hidden="true">${number}</span><span class="hidden-label">${number} ${name}: ${outcome}</span></li>`,
  )}</ol>`;

const tones: Record<Standing, Tone> = {
  running: "busy",
  failed: "bad",
  stopped: "careful",
  rejected: "bad",
  "in production": "good",
  ready: "busy",
  superseded: "",
  "was in production": "",
  "on its way": "careful",
  "not delivered": "",
};

export const standingBadge = (standing: Standing): Html =>
  badge(tones[standing], standing === "ready" ? "waits for approval" : standing);
