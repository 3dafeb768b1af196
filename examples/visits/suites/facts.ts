import { readFileSync } from "node:fs";

/** What the pipeline tells a suite of its environment, as far as it is read here. */
export interface Facts {
  addresses: string[];
  release: { commit: string };
}

export const facts = JSON.parse(readFileSync(process.env.SLIPWAY_FACTS ?? "", "utf8")) as Facts;
