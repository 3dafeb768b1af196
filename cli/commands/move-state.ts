import { moveState as move } from "../../pipeline/move-state.ts";
import { plainLine } from "../../pipeline/plain-text.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";
import { progressView } from "../render/progress.ts";
import { setUp } from "../set-up.ts";

export interface MoveStateCommandOptions {
  url: string;
  secretsProvider?: string;
  json?: boolean;
}

/** Moves Pulumi's state to another backend, and says what is to be committed. */
export const moveState: Command<MoveStateCommandOptions> = async ({ json, ...options }, { signal }) => {
  await setUp(signal);
  const view = progressView();
  try {
    const result = await move({ ...options, signal, progress: view.progress });
    view.close();
    say(
      `Pulumi's state is at ${plainLine(result.to)} now: ${result.stacks.join(", ")}.`,
      ...(result.kept ? [`  What there was is kept in ${plainLine(result.kept)}`] : []),
      ...(process.env.PULUMI_BACKEND_URL ? ["  This shell still names another one: unset PULUMI_BACKEND_URL"] : []),
      `  Next: git commit ${result.files.map((file) => plainLine(file)).join(" ")}`,
    );
    if (json) printJson(result);
    return exitCodes.done;
  } finally {
    view.close();
  }
};
