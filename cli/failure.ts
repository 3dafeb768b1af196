import { CommanderError } from "commander";

import { plainText } from "../pipeline/plain-text.ts";
import { exitCodes } from "./exit-codes.ts";

/** What a failed command says, and its exit code. */
export interface Failure {
  lines: string[];
  code: number;
}

const withNext = (message: string, next: string | undefined): string[] => [
  plainText(message),
  ...(next ? [`  Next: ${plainText(next)}`] : []),
];

/** A fault of our own is the only thing that shows where in the code it happened. */
const fault = (error: unknown): Failure => ({
  lines: [
    "This is a fault of the tool itself, not of your commit:",
    plainText(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  ],
  code: exitCodes.fault,
});

/** Puts what a command threw into words. */
export async function failureOf(error: unknown): Promise<Failure> {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return { lines: [], code: error.exitCode === 0 ? 0 : exitCodes.usage };
  const { PipelineError, StepFailure } = await import("../pipeline/errors.ts");
  const { SettingsError } = await import("../settings/errors.ts");
  if (error instanceof PipelineError)
    return { lines: withNext(error.message, error.next), code: exitCodes[error.code] };
  const { SetupError } = await import("../setup/errors.ts");
  if (error instanceof SetupError) return { lines: withNext(error.message, error.next), code: exitCodes.prerequisite };
  const { EvidenceError } = await import("../evidence/errors.ts");
  const { RegistryError } = await import("../registry/client.ts");
  if (error instanceof EvidenceError || error instanceof RegistryError) {
    const next = error instanceof RegistryError ? error.next : undefined;
    return { lines: withNext(error.message, next), code: exitCodes.prerequisite };
  }
  if (error instanceof SettingsError) return { lines: withNext(error.message, undefined), code: exitCodes.usage };
  if (error instanceof StepFailure) {
    const details = error.details.filter((line) => line !== error.message).map((line) => `    ${plainText(line)}`);
    return { lines: [...withNext(error.message, error.next), ...details], code: exitCodes.prerequisite };
  }
  return fault(error);
}
