import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";

import { execa } from "execa";

import { generated, projectRoot } from "../settings/project.ts";
import { findGo } from "../setup/needs/go.ts";
import versions from "../setup/versions.json" with { type: "json" };

/** How many tests of a part passed and failed, and which failed. */
interface Count {
  passed: number;
  failed: number;
  failures?: string[];
}

/** What is read of Vitest's report. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  testResults?: { name: string; message?: string; assertionResults: Result[] }[];
}

interface Result {
  fullName: string;
  status: string;
  failureMessages?: string[];
}

interface Options {
  cwd?: string;
  env?: Record<string, string>;
}

interface Part {
  name: string;
  run: () => Promise<Count>;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const bin = (name: string): string => join(projectRoot, "node_modules", ".bin", name);

/** Runs a program with its output shown; whether it ended with 0. */
async function succeeds(file: string, args: string[], options: Options = {}): Promise<boolean> {
  const { exitCode } = await execa(file, args, { cwd: projectRoot, ...options, stdio: "inherit", reject: false });
  return exitCode === 0;
}

const oneCheck = async (file: string, args: string[], options?: Options): Promise<Count> =>
  (await succeeds(file, args, options))
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1, failures: [[file.split("/").at(-1), ...args].join(" ")] };

const sum = (counts: Count[]): Count => ({
  passed: counts.reduce((total, { passed }) => total + passed, 0),
  failed: counts.reduce((total, { failed }) => total + failed, 0),
  failures: counts.flatMap(({ failures = [] }) => failures),
});

/** Each failed test with the first line of why, and each file that did not load. */
function failuresOf({ testResults = [] }: Report): string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === "failed");
    const own = failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages?.[0]?.split("\n")[0]}`);
    if (own.length === 0 && message) own.push(message.split("\n")[0] ?? "");
    return own.map((line) => `${relative(projectRoot, name)}: ${line}`);
  });
}

/** A Vitest run that ends badly without a failed test, such as a file that does not load, is one failure. */
async function vitest(folder: string, reporter = "default", env: Record<string, string> = {}): Promise<Count> {
  const scratch = await mkdtemp(join(tmpdir(), "slipway-test-run-"));
  const report = join(scratch, "report.json");
  const config = join("tests", folder, "vitest.config.ts");
  const args = ["run", "--config", config, "--dir", join("tests", folder), `--reporter=${reporter}`, "--reporter=json"];
  try {
    const ended = await succeeds(bin("vitest"), [...args, `--outputFile.json=${report}`], { env });
    const text = await readFile(report, "utf8").catch(() => '{"numPassedTests":0,"numFailedTests":0}');
    const read: Report = JSON.parse(text);
    const { numPassedTests: passed, numFailedTests: failed } = read;
    return { passed, failed: ended || failed > 0 ? failed : 1, failures: failuresOf(read) };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function check(): Promise<Count> {
  // The demo has packages of its own, as a user's repository would; its types are checked with them.
  await succeeds("npm", ["ci", "--no-audit", "--no-fund"], { cwd: join(projectRoot, "demo") });
  return sum([
    await oneCheck(bin("tsc"), ["--noEmit"]),
    await oneCheck(bin("biome"), ["check", "--error-on-warnings", "."]),
  ]);
}

async function plugins(): Promise<Count> {
  const go = await findGo();
  if (!go) {
    say("Not run: the tests of setup/plugins, since Go is not on this machine and the official plugins are used");
    return { passed: 0, failed: 0 };
  }
  // As the plugins are built, so that what was compiled for them is used again.
  const env = { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
  const args = ["test", "-trimpath", "-vet=off", "./..."];
  const modules = ["command", "docker"].map((name) => join(projectRoot, "setup", "plugins", name));
  return sum(await Promise.all(modules.map((cwd) => oneCheck(go, args, { cwd, env }))));
}

const notRun = (what: string, why: string): Count => {
  say(`Not run: ${what}, since ${why}`);
  return { passed: 0, failed: 0 };
};

/** The workflow, as GitHub would read it. What actionlint leaves to other programs, which a machine has or not, is left out. */
async function workflow(): Promise<Count> {
  const what = "actionlint of .github/workflows";
  const go = await findGo();
  if (!go) return notRun(what, "Go, which it is built with, is not on this machine");
  const env = { GOBIN: generated("bin"), CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
  const tool = `github.com/rhysd/actionlint/cmd/actionlint@v${versions.actionlint}`;
  if (!(await succeeds(go, ["install", tool], { env })))
    return notRun(what, "it cannot be got from the Go module proxy");
  return oneCheck(generated("bin", "actionlint"), ["-shellcheck=", "-pyflakes="]);
}

/** The unit, as systemd would read it: what it ignores it only warns of. */
async function unit(): Promise<Count> {
  const what = "systemd-analyze verify of systemd";
  const file = join("systemd", "slipway-watch.service");
  const run = await execa("systemd-analyze", ["verify", file], { cwd: projectRoot, all: true, reject: false });
  if (run.code === "ENOENT") return notRun(what, "systemd is not on this machine");
  if (run.all !== "") say(run.all);
  return run.exitCode === 0 && run.all === ""
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1, failures: [`systemd-analyze verify ${file}`] };
}

const packaging = async (): Promise<Count> => sum([await workflow(), await unit()]);

/** What takes long is left out unless it is asked for; Vitest names what it was. */
const long = process.argv.includes("--long") ? { SLIPWAY_LONG_TESTS: "1" } : undefined;

const parts: Part[] = [
  { name: "check", run: check },
  { name: "unit", run: () => vitest("unit") },
  { name: "packaging", run: packaging },
  { name: "plugins", run: plugins },
  // These take minutes: each is told as it ends.
  { name: "system", run: () => vitest("system", "verbose", long) },
];

function chosen(): Part[] {
  const { values } = parseArgs({ options: { only: { type: "string", multiple: true }, long: { type: "boolean" } } });
  const only = values.only ?? parts.map(({ name }) => name);
  const unknown = only.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    say(`There is no part "${unknown.join('", "')}"; the parts are ${parts.map(({ name }) => name).join(", ")}`);
    process.exit(2);
  }
  return parts.filter(({ name }) => only.includes(name));
}

async function setUp(): Promise<void> {
  const { ensure } = await import("../setup/ensure.ts");
  await ensure(say);
}

const selected = chosen();
if (selected.some(({ name }) => name === "system" || name === "plugins")) await setUp();
const counts: Count[] = [];
for (const part of selected) {
  say(`\n── ${part.name}`);
  const started = Date.now();
  const count = await part.run();
  counts.push(count);
  say(
    `── ${part.name}: ${count.passed} passed, ${count.failed} failed, ${Math.round((Date.now() - started) / 1000)} s`,
  );
}
const { passed, failed, failures = [] } = sum(counts);
// Said again where it is found: at the end, below thousands of lines.
for (const failure of failures) say(`failed: ${failure}`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
