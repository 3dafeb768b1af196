#!/usr/bin/env node
import { exitCodes } from "./exit-codes.ts";
import { failureOf } from "./failure.ts";
import { interruption } from "./interruption.ts";
import { say } from "./output.ts";
import { buildProgram } from "./program.ts";

/** Ends everything that runs, at once. */
async function stopByForce(): Promise<never> {
  const { killRunning } = await import("../pipeline/run-command.ts");
  killRunning();
  process.exit(exitCodes.interrupted);
}

const stopping = (): void =>
  say("", "Stopping: what is going on is asked to end well, which may take a minute. Again stops it by force.");

async function main(): Promise<number> {
  const signal = interruption(stopping, stopByForce);
  let code: number = exitCodes.done;
  const program = buildProgram({ signal }, (result) => {
    code = result;
  });
  try {
    await program.parseAsync();
    return code;
  } catch (error) {
    const failure = await failureOf(error);
    say(...failure.lines);
    return failure.code;
  }
}

process.stdout.on("error", () => {});
process.exit(await main());
