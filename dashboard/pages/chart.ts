import { type Html, html } from "../html.ts";

/** Charts are drawn in this space and stretched to their place; texts stand beside them, so that those are not. */
const width = 1_000;
const height = 100;

const round = (value: number): number => Math.round(value * 100) / 100;

/** One of the things that stand beside each other. */
export interface Bar {
  /** From the bottom up, each of its tone. */
  parts: readonly { size: number; tone: "good" | "bad" | "busy" | "plain" }[];
  /** What it says, in words. */
  title: string;
}

/** A frame for what is drawn: its label says in words what is to be seen. */
export const chart = (label: string, drawn: Html): Html =>
  html`<svg class="chart" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">${drawn}</svg>`;

/** How large something is drawn of which the largest is `most`. */
const scaled = (size: number, most: number): number => (most > 0 ? (size / most) * height : 0);

function bar({ parts, title }: Bar, index: number, { count, most }: { count: number; most: number }): Html {
  const step = width / count;
  const gap = Math.min(4, step * 0.15);
  let top = height;
  const rects = parts
    .filter(({ size }) => size > 0)
    .map(({ size, tone }) => {
      const tall = scaled(size, most);
      top -= tall;
      return html`<rect class="${tone}" x="${round(index * step + gap / 2)}" y="${round(top)}" width="${round(step - gap)}" height="${round(tall)}"/>`;
    });
  return html`<g><title>${title}</title><rect class="empty" x="${round(index * step)}" y="0" width="${round(step)}" height="${height}"/>${rects}</g>`;
}

const sum = ({ parts }: Bar): number => parts.reduce((total, { size }) => total + size, 0);

/** Bars from left to right; those at the top are as large as `most`, or the largest of them. */
export function bars(all: readonly Bar[], most: number = Math.max(...all.map(sum))): Html {
  return html`${all.map((one, index) => bar(one, index, { count: all.length, most }))}`;
}

/** A line through points from left to right, broken where there is none. */
export function line(points: readonly (number | null)[], tone: string, most: number): Html {
  const step = width / points.length;
  let pen = "M";
  const path = points.map((point, index) => {
    if (point === null) {
      pen = "M";
      return "";
    }
    const at = `${pen}${round((index + 0.5) * step)} ${round(height - scaled(Math.min(point, most), most))}`;
    // A point alone is a short line of its own.
    const dot = pen === "M" ? "h0.01" : "";
    pen = "L";
    return at + dot;
  });
  return html`<path class="line ${tone}" d="${path.join("")}"/>`;
}

/** A mark from top to bottom, at a share of the width. */
export const mark = (share: number, title: string): Html =>
  html`<g><title>${title}</title><path class="mark" d="M${round(share * width)} 0V${height}"/></g>`;

/** A chart with what its top and its ends stand for. */
export const labelled = (drawn: Html, { top, from, to }: { top: string; from: string; to: string }): Html =>
  html`<figure class="labelled"><span class="top faint">${top}</span>${drawn}<figcaption class="faint"><span>${from}</span><span>${to}</span></figcaption></figure>`;
