import { readFile, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { z } from "zod";

import { namespaceIn } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { generated, projectRoot } from "../settings/project.ts";
import { connect } from "../swarm/engine.ts";
import { tailOf } from "../swarm/logs.ts";
import { where } from "../swarm/rollouts.ts";
import { readServices } from "../swarm/services.ts";
import { ended } from "../swarm/verdict.ts";
import { StepFailure } from "./errors.ts";
import type { EnvironmentFacts } from "./facts.ts";
import { irreversible } from "./irreversible.ts";
import type { LogFile } from "./log-file.ts";
import { machineEngine } from "./machine-engine.ts";
import { plainLine, plainText, withoutStackTrace } from "./plain-text.ts";
import { needed, type Promotion } from "./promotion.ts";
import { runCommand } from "./run-command.ts";
import { settingsFor } from "./stack-settings.ts";
import { applicationEnvironment } from "./unit-tests.ts";

const timeoutSeconds = 900;
/** Of a task that failed while a suite ran. */
const printedLines = 10;

const reportSchema = z.object({
  numTotalTests: z.number(),
  numPassedTests: z.number(),
  success: z.boolean(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

/** What Vitest's JSON reporter says of a run. */
export type SuiteReport = z.output<typeof reportSchema>;

/** A failure's own words, without where in the code it was thrown. */
const ownWords = (message: string): string[] =>
  withoutStackTrace(plainText(message).split("\n"))
    .slice(0, 8)
    .map((line) => `    ${line.slice(0, 300)}`);

/** The failing tests by name, each with its message. */
export function failingTests(report: SuiteReport, root: string): { name: string; lines: string[] }[] {
  return report.testResults.flatMap((file) => {
    const tests = file.assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) => ({
        name: plainText(fullName),
        lines: (failureMessages ?? []).flatMap(ownWords),
      }));
    // A file that could not even be loaded, or whose hooks failed, has a message of its own.
    const own = file.status === "failed" && file.message !== "" ? ownWords(file.message) : [];
    return own.length > 0 ? [{ name: relative(root, file.name), lines: own }, ...tests] : tests;
  });
}

const failedMark = "✗ ";

/** The tests that a suite's failure names in its details. */
export const failedTestsIn = (details: readonly string[]): string[] =>
  details.filter((line) => line.startsWith(failedMark)).map((line) => line.slice(failedMark.length));

/**
 * Judges a suite's run.
 * @throws StepFailure when a test failed, and when there was no test at all
 */
export function judge(
  report: SuiteReport | undefined,
  exitCode: number | undefined,
  root: string,
  log: string[],
): asserts report is SuiteReport {
  if (!report) throw new StepFailure("The suite did not run to its end", { details: log });
  if (report.numTotalTests === 0 && report.testResults.length === 0) {
    throw new StepFailure("The suite holds no test, so it proves nothing", { details: log });
  }
  const failing = failingTests(report, root);
  if (failing.length > 0) {
    const names = failing.map(({ name }) => `"${name}"`);
    const more = names.length > 1 ? ` and ${names.length - 1} more` : "";
    const details = failing.flatMap(({ name, lines }) => [failedMark + name, ...lines]);
    throw new StepFailure(`${names[0]}${more} failed`, { details });
  }
  if (report.numPassedTests === 0)
    throw new StepFailure("Every test was skipped, so nothing is proved", { details: log });
  if (exitCode !== 0 || !report.success) throw new StepFailure("The suite failed outside its tests", { details: log });
}

const readReport = async (file: string): Promise<SuiteReport | undefined> => {
  const text = await readFile(file, "utf8").catch(() => "null");
  return reportSchema.safeParse(JSON.parse(text)).data;
};

const suiteCommand = (root: string, suite: string, report: string): string[] => [
  process.execPath,
  join(projectRoot, "node_modules", "vitest", "vitest.mjs"),
  "run",
  "--root",
  root,
  "--config",
  join(projectRoot, "pipeline", "suite-config.ts"),
  "--dir",
  suite,
  "--reporter=verbose",
  "--reporter=json",
  `--outputFile.json=${report}`,
];

/** What a suite is told of its environment; destructive tests are for the production-like one only. */
async function factsFor(environment: EnvironmentName, facts: EnvironmentFacts, promotion: Promotion) {
  const { p99 } = (await settingsFor(needed(promotion, "checkout"))).environments[environment];
  const release = needed(promotion, "release");
  const oneWay = await irreversible(facts.previous, release, promotion.signal);
  return {
    environment,
    harsh: environment === "prodlike",
    machine: machineEngine(),
    p99,
    ...facts,
    release,
    irreversible: oneWay,
  };
}

/** A suite that passed. */
export interface PassedSuite {
  /** Its folder. */
  suite: string;
  passed: string[];
  skipped: string[];
}

const namesOf = ({ testResults }: SuiteReport, passed: boolean): string[] =>
  testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => (status === "passed") === passed).map(({ fullName }) => fullName),
  );

/**
 * The tasks that failed since a suite began, in Swarm's words, and what the first of them printed: what a test saw of them is seldom the
 * reason, and those that came later may be the suite's own doing, which kills tasks, too.
 */
async function failedSince(environment: EnvironmentName, { engine }: EnvironmentFacts, since: Date): Promise<string[]> {
  const swarm = connect(engine);
  const services = await readServices(swarm, namespaceIn(environment)).catch(() => []);
  const failed = services
    .flatMap(({ tasks }) => tasks.filter((task) => ended.includes(task.state) && task.since >= since))
    .toSorted((one, other) => one.since.getTime() - other.since.getTime());
  const [first] = failed;
  if (!first) return [];
  const log = withoutStackTrace(await tailOf(swarm, first.id));
  const printed = log.slice(-printedLines).map((line) => `  ${plainLine(line, 300)}`);
  const heading = printed.length > 0 ? ["The first of them printed at its end:"] : [];
  return ["Meanwhile these tasks failed:", ...failed.map(where), ...heading, ...printed];
}

/**
 * Runs one of the application's suites, as the commit has it, against an environment.
 * @returns what it consists of
 * @throws StepFailure naming the failing tests
 */
export async function runSuite(
  suite: "functional" | "readiness",
  environment: EnvironmentName,
  promotion: Promotion,
  log: LogFile,
): Promise<PassedSuite> {
  const root = needed(promotion, "checkout");
  const facts = promotion.facts[environment];
  if (!facts) throw new Error(`No facts of ${environment} yet: a step ran before the one that makes them`);
  const at = (name: string): string => generated("logs", promotion.commit, `${environment}-${suite}-${name}.json`);
  const began = new Date();
  await rm(at("report"), { force: true });
  await writeFile(at("facts"), JSON.stringify(await factsFor(environment, facts, promotion), undefined, 2));

  const result = await runCommand(suiteCommand(root, needed(promotion, "delivery").suites[suite], at("report")), {
    cwd: root,
    env: { ...applicationEnvironment(), SLIPWAY_FACTS: at("facts"), NO_COLOR: "1" },
    log,
    signal: promotion.signal,
    timeoutSeconds,
    onOutput: (text) => promotion.progress({ type: "detail", text: text.trim().split("\n").at(-1) ?? "" }),
  });
  if (result.timedOut) {
    throw new StepFailure(`The ${suite} suite took longer than ${timeoutSeconds / 60} minutes`, {
      details: log.tail(30),
    });
  }
  const report = await readReport(at("report"));
  try {
    judge(report, result.exitCode, root, log.tail(30));
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    const details = [...error.details, ...(await failedSince(environment, facts, began))];
    throw new StepFailure(error.message, { details, cause: error });
  }
  const folder = needed(promotion, "delivery").suites[suite];
  return { suite: folder, passed: namesOf(report, true), skipped: namesOf(report, false) };
}
