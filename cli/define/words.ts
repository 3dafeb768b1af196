import { type Command, InvalidArgumentError } from "commander";

import { type EnvironmentName, environments, isEnvironment } from "../../settings/environment.ts";
import type { CommandContext } from "../context.ts";

/** Takes an exit code. */
export type Done = (code: number) => void;

/** Adds commands to the program; each loads what it does only when it runs, so that --help is quick. */
export type Define = (program: Command, context: CommandContext, done: Done) => void;

/** Reads an argument that is an environment's name. */
export function environment(text: string): EnvironmentName {
  if (isEnvironment(text)) return text;
  throw new InvalidArgumentError(`Expected one of ${environments.join(", ")}.`);
}

/** Reads a number of things, or of seconds. */
export function positive(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1 to 99999.");
}

/** The options that several commands have. */
export const description = [
  "--description <path>",
  "where delivery.yaml is in the repository, when there is more than one",
] as const;

export const source = [
  "--source <place>",
  "another application: the folder of a git repository, or in one, with its delivery.yaml, or a git URL; see docs/applications.md",
] as const;

export const statusFile = [
  "--status-file <path>",
  "keep how each commit stands in a JSON file; see docs/continuous.md",
] as const;

export const json = ["--json", "print the result as JSON on standard output"] as const;
