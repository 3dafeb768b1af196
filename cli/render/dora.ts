import type { Dora } from "../../pipeline/dora.ts";
import { doraRows } from "../../pipeline/dora-words.ts";
import { utc } from "../../pipeline/plain-text.ts";
import { faint, strong } from "./style.ts";

/** DORA's four figures, as lines for a person. */
export const doraLines = (dora: Dora): string[] => [
  `${strong("DORA")} ${faint(`since ${utc(dora.since)}`)}`,
  ...doraRows(dora).map(([name, value]) => `  ${name.padEnd(32)} ${value}`),
];
