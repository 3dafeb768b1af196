import { evidenceOfCommit } from "../../pipeline/evidence.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines } from "../output.ts";
import { evidenceLines } from "../render/evidence.ts";
import { setUp } from "../set-up.ts";

/** Shows what a release has proved, and by whose word. */
export const evidence: Command<{ commit: string; json?: boolean }> = async ({ commit, json }, { signal }) => {
  await setUp(signal);
  const found = await evidenceOfCommit(commit, signal);
  if (json) printJson(found);
  else printLines(...evidenceLines(found));
  return found.evidence.some(({ flaw }) => flaw !== undefined) ? exitCodes.flawed : exitCodes.done;
};
