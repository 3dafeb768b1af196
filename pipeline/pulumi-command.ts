import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";

import { pulumiBin } from "../settings/project.ts";
import { quietHome } from "../settings/pulumi-environment.ts";
import { keepingSettings } from "./backend.ts";
import { PrerequisiteError } from "./errors.ts";
import type { Custody } from "./locks.ts";
import type { LogFile } from "./log-file.ts";
import { runCommand } from "./run-command.ts";

/** A Pulumi command that did not succeed, with all that it printed. */
export class PulumiCommandError extends Error {
  override readonly name = "PulumiCommandError";
  readonly output: string;

  constructor(args: readonly string[], output: string) {
    super(`pulumi ${args[0]} failed`);
    this.output = output;
  }
}

interface RunnerOptions {
  signal?: AbortSignal | undefined;
  log?: LogFile | undefined;
  /** Where the stack is this run's alone. */
  custody?: Custody | undefined;
  /** Whether all else comes first where processors are short. */
  yields?: boolean | undefined;
}

type Print = ((text: string) => void) | undefined;

/** What the Automation API calls to run the CLI. */
interface Runner {
  run(
    args: string[],
    cwd: string,
    env: Record<string, string>,
    onOutput?: Print,
    onError?: Print,
  ): Promise<{ stdout: string; stderr: string; code: number }>;
}

/** Operations whose output a person may want to read; what others print is data, and may hold secrets. */
const told = ["up", "preview", "destroy", "refresh", "cancel"];

/** Whether a command takes the stack's lock. */
const locks = ([first, second]: readonly string[]): boolean =>
  ["up", "destroy", "refresh"].includes(first ?? "") || (first === "stack" && second === "import");

const following = (custody: Custody) => ({
  onStart: (pid: number) => custody.began(pid),
  onEnd: (pid: number) => custody.ended(pid),
});

/** The stack that a command is about. */
function stackOf(args: readonly string[]): string | undefined {
  const flag = args.indexOf("--stack");
  if (flag >= 0) return args[flag + 1];
  return args[0] === "stack" && args[1] === "init" ? args[2] : undefined;
}

/**
 * Long enough for the rollout that is going on to end, so that state and Swarm agree afterwards. Pulumi takes its lock a
 * moment before it listens to signals; one that comes in between would end it and leave the lock.
 */
const stop = { signal: "SIGINT", graceSeconds: 90, deafSeconds: 1.5 } as const;

/**
 * What has a command killed when this process is, however that dies, where the system can: whoever takes the environment over from a dead
 * driver may then be sure that its Pulumi is dead, too.
 */
const bound = (): string[] => {
  const [file, ...args] = ["setpriv", "--pdeathsig", "KILL", "--"] as const;
  able ??= spawnSync(file, [...args, "true"], { stdio: "ignore" }).status === 0;
  return able ? [file, ...args] : [];
};
let able: boolean | undefined;

let found: Promise<PulumiCommand> | undefined;

/** The pinned one where set-up put it, else one on the PATH, which set-up takes only if it is of the same version. */
const find = async (): Promise<PulumiCommand> => {
  const { PulumiCommand } = await import("@pulumi/pulumi/automation/index.js");
  const pinned = existsSync(join(pulumiBin(), "pulumi"));
  // The API asks the CLI for its version with no environment but this process's.
  process.env.PULUMI_HOME = quietHome();
  found ??= PulumiCommand.get(pinned ? { root: dirname(pulumiBin()) } : {}).catch((cause: unknown) => {
    throw new PrerequisiteError(`The Pulumi CLI is neither at ${pulumiBin()} nor on the PATH`, {
      next: "npm run promote -- doctor",
      cause,
    });
  });
  return found;
};

/**
 * The pinned Pulumi CLI for the Automation API. The API's own runner leaves Pulumi in the terminal's process group, where
 * a Ctrl-C arrives twice and makes Pulumi drop what it is doing; ours is asked once, and waited for.
 */
export async function pulumiCommand({ signal, log, custody, yields }: RunnerOptions): Promise<PulumiCommand> {
  const base = await find();
  const binding = bound();
  const runner: Runner = {
    async run(args, cwd, env, onOutput, onError) {
      const all = args.includes("--non-interactive") ? args : [...args, "--non-interactive"];
      const run = () =>
        runCommand([...binding, base.command, ...all], {
          cwd,
          env: { ...env, PULUMI_AUTOMATION_API: "true" },
          signal,
          stop,
          yields,
          ...(log && told.includes(args[0] ?? "") ? { log } : {}),
          ...(onOutput ? { onOutput } : {}),
          ...(onError ? { onError } : {}),
          // Of one that may go on without this process nobody may be told that it is dead.
          ...(custody && binding.length > 0 && locks(args) ? following(custody) : {}),
        });
      const stack = stackOf(args);
      const result = await (stack === undefined ? run() : keepingSettings(stack, run, { folder: cwd }));
      if (result.exitCode !== 0) throw new PulumiCommandError(args, `${result.stdout}\n${result.stderr}`);
      return { stdout: result.stdout, stderr: result.stderr, code: 0 };
    },
  };
  return Object.assign(Object.create(base) as PulumiCommand, runner);
}
