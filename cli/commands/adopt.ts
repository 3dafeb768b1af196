import { adopt as takeOver } from "../../pipeline/adopt.ts";
import { plainLine } from "../../pipeline/plain-text.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, printLines, say } from "../output.ts";
import { changeLines } from "../render/diff.ts";
import { progressView } from "../render/progress.ts";
import { setUp } from "../set-up.ts";

export interface AdoptCommandOptions {
  stack: string;
  program?: string;
  host?: string;
  json?: boolean;
}

/** Of what stays as it is, what somebody may do about it. */
function leftLine(what: string): string {
  const [kind = "", name = ""] = plainLine(what).split(" ");
  const why = /^(config|secret)$/.test(kind)
    ? "is not needed any more after the next update"
    : "is not declared, and stays";
  return `  ${kind} ${name} ${why}: docker ${kind} rm ${name}`;
}

/** Takes a stack that runs into Pulumi's state, and shows what the next update would change. */
export const adopt: Command<AdoptCommandOptions> = async ({ json, ...options }, { signal }) => {
  await setUp(signal);
  const view = progressView();
  try {
    const result = await takeOver({ ...options, signal, progress: view.progress });
    view.close();
    if (json) printJson(result);
    else {
      printLines(
        `Pulumi looks after ${result.adopted.map((what) => plainLine(what)).join(", ")}`,
        result.changes.length === 0 ? "The next update would change nothing." : "The next update would:",
        ...result.changes.flatMap(changeLines),
      );
    }
    for (const what of result.left) say(leftLine(what));
    return exitCodes.done;
  } finally {
    view.close();
  }
};
