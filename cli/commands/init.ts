import { realpath } from "node:fs/promises";
import { resolve } from "node:path";

import { UsageError } from "../../pipeline/errors.ts";
import { assertRepository } from "../../pipeline/git.ts";
import { lookInto, type Seen } from "../../pipeline/init/look.ts";
import { type Choices, planOf, routed } from "../../pipeline/init/plan.ts";
import { writePlan } from "../../pipeline/init/write.ts";
import { plainLine } from "../../pipeline/plain-text.ts";
import { answered, canAsk } from "../ask.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { printJson, say } from "../output.ts";
import { optionsText } from "../typed-commands.ts";

export interface InitCommandOptions {
  source: string;
  name?: string;
  unitTests?: string;
  /** `web:3000` */
  route?: { service: string; port: number };
  health?: string;
  port?: number;
  json?: boolean;
}

/** What is asked for: a value that was given, else what somebody answers, else what the repository's files suggest. */
type Ask = (question: string, flag: string, suggested: string | undefined) => Promise<string>;

const asking =
  (signal: AbortSignal): Ask =>
  async (question, flag, suggested) => {
    if (canAsk()) return answered(question, suggested, signal);
    if (suggested !== undefined) return suggested;
    throw new UsageError(`Nobody can be asked here, and the files do not tell: ${question}`, {
      next: `the same command with ${flag}`,
    });
  };

const words = (text: string): string[] => text.split(/\s+/).filter((one) => one !== "");

async function unitTestsOf({ unitTests: given }: InitCommandOptions, { unitTests }: Seen, ask: Ask) {
  if (given !== undefined) return { run: words(given) };
  const run = await ask("What runs the unit tests?", '--unit-tests "make test"', unitTests?.run.join(" "));
  const same = run === unitTests?.run.join(" ");
  return same ? unitTests : { run: words(run) };
}

async function routeOf({ route, health }: InitCommandOptions, seen: Seen, ask: Ask): Promise<Choices["route"]> {
  const found = routed(seen);
  const service = route?.service ?? (await ask("Which service do users reach?", "--route web:3000", found?.service));
  const suggested = found?.service === service ? found.port : undefined;
  const port =
    route?.port ?? Number(await ask(`On which port do its tasks listen?`, "--route web:3000", suggested?.toString()));
  const known = seen.services.map(({ name }) => name);
  if (!known.includes(service)) {
    throw new UsageError(
      `There is no service ${plainLine(service, 80)}; there are ${plainLine(known.join(", "), 200)}`,
    );
  }
  const path = health ?? (await ask("Which path answers 200 while a task wants requests?", "--health /health", "/"));
  return { service, port, health: path };
}

async function choicesOf(options: InitCommandOptions, seen: Seen, ask: Ask): Promise<Choices> {
  const name = options.name ?? (await ask("What is the application called?", "--name shop", seen.name));
  const unitTests = await unitTestsOf(options, seen, ask);
  const route = await routeOf(options, seen, ask);
  const port =
    options.port ?? Number(await ask("On which port of every node is it to be reached?", "--port 8100", "8100"));
  return { name, unitTests, route, port };
}

/** Writes into a repository what a delivery needs, and says what to run next. */
export const init: Command<InitCommandOptions> = async (options, { signal }) => {
  const { source, json } = options;
  const folder = await realpath(resolve(source)).catch(() => {
    throw new UsageError(`There is no folder ${JSON.stringify(plainLine(source, 200))}`);
  });
  await assertRepository(folder);
  const seen = await lookInto(folder);
  const plan = planOf(seen, await choicesOf(options, seen, asking(signal)));
  const files = await writePlan(folder, plan);
  if (json) printJson({ folder, files, notes: plan.notes });
  say(...files.map((file) => `  wrote ${file}`), ...plan.notes.map((note) => plainLine(note, 300)));
  const deliver = `npm run promote -- ${optionsText({ source })}`;
  say(`Read delivery.yaml, commit it with the rest, then:  ${deliver}`);
  return exitCodes.done;
};
