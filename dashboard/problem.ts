import { EvidenceError } from "../evidence/errors.ts";
import { PipelineError, StepFailure } from "../pipeline/errors.ts";
import { RegistryError } from "../registry/client.ts";
import { SettingsError } from "../settings/errors.ts";
import { ProblemApart } from "./apart.ts";

/** What is told of an error. */
export interface Problem {
  status: 400 | 500 | 503;
  title: string;
  text: string;
  next?: string | undefined;
}

/** Puts what was thrown into words; a fault of our own goes to standard error alone, where whoever runs this reads it. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemApart) return error.problem;
  if (error instanceof PipelineError) {
    const status = error.code === "usage" ? 400 : 503;
    return { status, title: "Not possible", text: error.message, next: error.next };
  }
  if (error instanceof StepFailure)
    return { status: 503, title: "Not possible", text: error.message, next: error.next };
  if (error instanceof EvidenceError || error instanceof RegistryError || error instanceof SettingsError) {
    return { status: 503, title: "Not possible", text: error.message };
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return { status: 500, title: "A fault", text: "This is a fault of the dashboard itself; its log says more." };
}
