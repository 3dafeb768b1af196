import { pathToFileURL } from "node:url";

import type { Declared, Given, Program } from "../infra/program.ts";
import { plainError } from "../infra/swarm-target.ts";

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function programIn(file: string): Promise<Program> {
  const module = (await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw plainError(new Error(`delivery.yaml: program: ${file} cannot be loaded: ${words(error)}`));
  })) as { application?: unknown };
  if (typeof module.application === "function") return module.application as Program;
  throw plainError(new Error(`delivery.yaml: program: ${file} exports no function called application`));
}

/** Declares what an application's own program says. */
export async function declareProgram(file: string, given: Given): Promise<Declared[]> {
  const declared = await (await programIn(file))(given);
  if (Array.isArray(declared) && declared.length > 0) return declared;
  throw plainError(new Error(`delivery.yaml: program: ${file} declared nothing, or did not return it as a list`));
}
