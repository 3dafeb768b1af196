import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { StepEventMetadata } from "@pulumi/pulumi/automation/events.js";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import type Docker from "dockerode";
import { type Adoption, adoptable, adoptionVariable } from "../settings/adoption.ts";
import { projectRoot } from "../settings/project.ts";
import { type Holdings, readHoldings } from "../swarm/holdings.ts";
import { namespaceLabel, readServices } from "../swarm/services.ts";
import { type Change, describeChanges } from "./diff.ts";
import { PrerequisiteError, UsageError } from "./errors.ts";
import type { Progress } from "./events.ts";
import { unlocked } from "./locks.ts";
import { machineEngine } from "./machine-engine.ts";
import { plainLine } from "./plain-text.ts";
import { assertEngine } from "./preflight.ts";
import { told } from "./preparation.ts";
import { logPath, withLog } from "./promotion.ts";
import { alone } from "./run-lock.ts";
import type { State } from "./stack-state.ts";
import { failureOf, follower } from "./update.ts";
import { openProgram } from "./workspace.ts";

export interface AdoptOptions {
  /** The stack, by which `docker stack deploy` made it and which Pulumi is to know it by. */
  stack: string;
  /** The folder of the program that declares it. */
  program?: string;
  /** The address of a manager; this machine's engine by default. */
  host?: string;
  signal: AbortSignal;
  progress: Progress;
}

/** What was taken over. */
export interface Adopted {
  stack: string;
  /** What Pulumi looks after from now on, such as `service shop_web`. */
  adopted: string[];
  /** What Swarm has in the stack's name and Pulumi does not look after: what is not declared, and configs and secrets by their old names. */
  left: string[];
  /** What the next update would change. */
  changes: Change[];
}

const kinds = { service: "services", network: "networks", config: "configs", secret: "secrets" } as const;
type Kind = keyof typeof kinds;

type Held = { kind: Kind; id: string; name: string };

/** What a Swarm has in a stack's name. */
const heldBy = (stack: string, holdings: Holdings): Held[] =>
  (Object.keys(kinds) as Kind[]).flatMap((kind) =>
    holdings[kinds[kind]]
      .filter(({ labels }) => labels[namespaceLabel] === stack)
      .map(({ id, name }) => ({ kind, id, name })),
  );

const adoptionOf = (held: readonly Held[]): Adoption =>
  Object.fromEntries(
    adoptable.map((kind) => [
      kind,
      Object.fromEntries(held.filter((one) => one.kind === kind).map(({ name, id }) => [name, id])),
    ]),
  ) as Adoption;

const besideWhatRuns = ["docker:index/secret:Secret", "docker:index/serviceConfig:ServiceConfig"];

/** What does not touch what runs: a secret or config is named by its content, and is made beside the one that is used. */
function touchesNothing({ op, type }: StepEventMetadata): boolean {
  if (["same", "import", "refresh", "read"].includes(op)) return true;
  return op === "create" && (/^(pulumi|slipway):/.test(type) || besideWhatRuns.includes(type));
}

const title = ({ urn, type, op }: StepEventMetadata): string =>
  `${op} ${type.split(":").at(-1)} ${urn.split("::").at(-1)}`;

/** @throws UsageError when taking over would change something that runs */
function assertHarmless(stack: string, steps: readonly StepEventMetadata[]): void {
  const harmful = steps.filter((step) => !touchesNothing(step)).map(title);
  if (harmful.length === 0) return;
  throw new UsageError(
    `The program does not fit what runs as ${stack}; taking it over would ${plainLine(harmful.join(", "), 1_000)}`,
    {
      next: `docker stack services ${stack} (shows what runs); a program that declares just that can take it over`,
    },
  );
}

interface Work {
  stack: Stack;
  progress: Progress;
}

async function preview({ stack, progress }: Work): Promise<readonly StepEventMetadata[]> {
  const { diagnostics, steps, onEvent } = follower(progress);
  await unlocked(stack, progress, () => stack.preview({ onEvent })).catch((error: unknown) => {
    throw failureOf(diagnostics, error);
  });
  return steps;
}

async function takeOver({ stack, progress }: Work): Promise<void> {
  const { diagnostics, onEvent } = follower(progress);
  await unlocked(stack, progress, () => stack.up({ message: "take over what runs", onEvent })).catch(
    (error: unknown) => {
      throw failureOf(diagnostics, error);
    },
  );
}

/** The tasks that run, by which it is seen that none was started again. */
const tasksOf = async (engine: Docker, stack: string): Promise<string[]> =>
  (await readServices(engine, stack))
    .flatMap(({ tasks }) => tasks.filter(({ state }) => state === "running").map(({ id }) => id))
    .toSorted();

async function adoptHeld({ stack, program = projectRoot, host = machineEngine(), signal, progress }: AdoptOptions) {
  const engine = await assertEngine(host);
  const held = heldBy(stack, await readHoldings(engine));
  if (held.length === 0) {
    throw new UsageError(`The Swarm at ${host} runs nothing that docker stack deploy made as ${stack}`, {
      next: `docker --host ${host} stack ls, or --host ADDRESS of one of its managers`,
    });
  }
  return withLog(logPath("adopt", stack), async (log) => {
    const options = { program: resolve(program), signal, log };
    const env = { [adoptionVariable]: JSON.stringify(adoptionOf(held)) };
    const work = { stack: await openProgram(stack, { ...options, env }), progress };
    const before = await tasksOf(engine, stack);
    await told(`compare the program with ${stack}`, progress, async () => assertHarmless(stack, await preview(work)));
    await told(`take over ${stack}`, progress, () => takeOver(work));
    if ((await tasksOf(engine, stack)).join() !== before.join()) {
      throw new PrerequisiteError(`Tasks of ${stack} came or went while it was taken over`, {
        next: `docker stack ps ${stack} (says why), then npm run promote -- adopt ${stack} (looks again)`,
      });
    }
    const now = await openProgram(stack, options);
    const { deployment } = (await now.exportStack()) as { deployment: State | null };
    const ids = new Set(deployment?.resources?.map(({ id }) => id));
    return { held, ids, changes: describeChanges(await preview({ stack: now, progress }), []) };
  });
}

/**
 * Has Pulumi look after a stack that runs by `docker stack deploy`, as it is: the program's resources get the state of what they stand for, and
 * nothing that runs is touched. Typed again, it takes over what has come since.
 * @throws UsageError when the program does not fit what runs, before anything is written
 * @throws PrerequisiteError, LockedError
 */
export const adopt = (options: AdoptOptions): Promise<Adopted> =>
  alone("promote adopt", async () => {
    const { stack, program = projectRoot } = options;
    if (!/^[a-z0-9][a-z0-9_.-]{0,99}$/i.test(stack)) throw new UsageError(`${plainLine(stack)} is no name of a stack`);
    if (!existsSync(join(program, "Pulumi.yaml"))) {
      throw new UsageError(
        `There is no Pulumi.yaml in ${plainLine(program)}, so no program that could declare ${stack}`,
        {
          next: `npm run promote -- adopt ${stack} --program FOLDER (docs/stack-file.md)`,
        },
      );
    }
    const { held, ids, changes } = await adoptHeld(options);
    const name = ({ kind, name: own }: Held): string => `${kind} ${own}`;
    return {
      stack,
      adopted: held.filter(({ id }) => ids.has(id)).map(name),
      left: held.filter(({ id }) => !ids.has(id)).map(name),
      changes,
    };
  });
