import { statusReport } from "../../pipeline/commit-status/index.ts";
import { drift } from "../../pipeline/drift/drift.ts";
import { assertRepository } from "../../pipeline/git.ts";
import { findBranch } from "../../pipeline/watch/branch.ts";
import type { Tell } from "../../pipeline/watch/events.ts";
import { knowledge } from "../../pipeline/watch/knowledge.ts";
import { watch as follow } from "../../pipeline/watch/watch.ts";
import type { Command } from "../context.ts";
import { deliverInProcess } from "../delivery.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJsonLine, say } from "../output.ts";
import { watchLines } from "../render/watch.ts";
import { setUp } from "../set-up.ts";

export interface WatchCommandOptions {
  branch: string;
  remote?: string;
  local: boolean;
  every: boolean;
  continuous: boolean;
  interval: number;
  /** In seconds; false for never. */
  drift: number | false;
  description?: string;
  source?: string;
  statusFile?: string;
  json?: boolean;
}

/** Follows a branch and delivers what comes to it, until somebody asks it to stop. */
export const watch: Command<WatchCommandOptions> = async ({ json, drift: driftInterval, ...options }, { signal }) => {
  const tell: Tell = (event) => {
    const at = new Date();
    say(...watchLines(event, at));
    if (json && event.type !== "output") printJsonLine({ at, ...event });
  };
  await assertRepository();
  const branch = await findBranch(options, { signal });
  const { statusFile: file, continuous, description, source } = options;
  const statuses = await statusReport({ file, tell: (text) => tell({ type: "statuses", text }) });
  try {
    await setUp(signal);
    const interrupted = await follow({
      ...options,
      branch,
      ...knowledge({ description, continuous }),
      drift: driftInterval === false ? undefined : { interval: driftInterval, compare: (on) => drift(undefined, on) },
      signal,
      tell,
      report: statuses.report,
      deliver: (commit) =>
        deliverInProcess(commit, {
          continuous,
          description,
          source,
          signal,
          onLine: (text) => tell({ type: "output", commit, text }),
        }),
    });
    return interrupted === undefined ? exitCodes.done : exitCodes.interrupted;
  } finally {
    await statuses.close();
  }
};
