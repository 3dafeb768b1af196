import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

import type { SigningKey } from "../evidence/keys.ts";
import type { Run } from "../evidence/run.ts";
import { keepRun } from "../evidence/run-store.ts";
import { registryAnswers } from "../pipeline/registry.ts";
import { steps } from "../pipeline/steps/index.ts";
import { projectRoot } from "../settings/project.ts";
import { short } from "../settings/release.ts";
import type { Clone } from "../tests/support/clone.ts";
import { succeeded } from "./measured.ts";

/** How many releases there were, in how many days. */
export const releases = 1_000;
export const days = 30;
const hour = 3_600_000;
const first = Date.now() - 24 * hour * days + hour;
const apart = (24 * hour * days - 2 * hour) / releases;

const hex = (n: number): string => createHash("sha1").update(String(n)).digest("hex");

/** How the n-th of them ended, all within the days that DORA's figures are of; one in ten did not hold in production. */
function runOf(n: number): Run {
  const holds = n % 10 !== 3;
  const startedOn = new Date(first + n * apart);
  const at = (second: number): Date => new Date(startedOn.getTime() + second * 1_000);
  const before = { commit: hex(n - 1), version: `1.0.${n - 1}` };
  const last = holds ? 9 : 8;
  return {
    kind: "promotion",
    application: "demo",
    commit: hex(n),
    version: `1.0.${n}`,
    images: { app: `127.0.0.1:5000/demo/app@sha256:${createHash("sha256").update(String(n)).digest("hex")}` },
    subject: `Greet for the ${n}th time`,
    author: "Ann",
    committedOn: at(-600),
    startedOn,
    finishedOn: at(120),
    runBy: "ci@build-7",
    outcome: holds ? "deployed" : "failed",
    steps: steps.map(({ number, name, environment }) => ({
      number,
      name,
      ...(environment ? { environment } : {}),
      outcome: number < last ? "passed" : number > last ? "not reached" : holds ? "passed" : "failed",
      ...(number > last ? {} : { startedOn: at(number * 10) }),
      seconds: number > last ? 0 : 9.5,
      ...(number === last && !holds
        ? { reason: "production_app: Swarm rolled the update back", details: ["task 0123 on production-1: failed"] }
        : {}),
    })),
    before,
    changes: [at(-600), at(-900), at(-4_000)],
    decisions: [{ decision: "approved", by: "ann@home", on: at(-10) }],
    ...(holds ? {} : { wentBack: { environment: "production", ...before, outcome: "restored", seconds: 12 } }),
  };
}

/** Has a registry keep all of them. */
export async function keepAll(host: string, key: SigningKey): Promise<void> {
  // One alone at first: an empty registry refuses some of many that bring the same blob at once.
  await keepRun(host, runOf(0), key);
  for (let n = 1; n < releases; n += 27) {
    await Promise.all(Array.from({ length: 27 }, (_, next) => keepRun(host, runOf(n + next), key)));
  }
}

/** Pulumi's history of a stack as its file backend writes it. */
async function writeStackHistory(clone: Clone, stack: string): Promise<void> {
  const folder = join(clone.root, ".slipway", "state", ".pulumi", "history", "slipway", stack);
  await mkdir(folder, { recursive: true });
  for (let n = 0; n < releases; n++) {
    const { startedOn, commit } = runOf(n);
    const started = Math.floor(startedOn.getTime() / 1_000) + 80;
    const entry = {
      kind: "update",
      startTime: started,
      message: `demo ${short(commit)}`,
      environment: { "exec.kind": "auto.local", "pulumi.version": "v3.259.0", "git.head": commit },
      config: { "slipway:replicas": { value: "3" } },
      version: 0,
      result: n % 10 === 3 ? "failed" : "succeeded",
      endTime: started + 20,
      resourceChanges: { same: 40, update: 2 },
    };
    await writeFile(join(folder, `${stack}-${started}000000000.history.json`), JSON.stringify(entry));
  }
}

/** Has a stack say that of itself. */
export async function importOutputs(clone: Clone, stack: string, outputs: object): Promise<void> {
  const env = JSON.parse(await succeeded(clone.promote("env", "--json"))) as Record<string, string>;
  const urn = `urn:pulumi:${stack}::slipway::pulumi:pulumi:Stack::slipway-${stack}`;
  const resources = [{ urn, custom: false, type: "pulumi:pulumi:Stack", outputs }];
  const manifest = { time: new Date().toISOString(), magic: "", version: "" };
  const input = JSON.stringify({ version: 3, deployment: { manifest, resources } });
  await execa("pulumi", ["stack", "import", "--stack", stack], { cwd: clone.root, env, input });
}

/** Stacks as they are after a delivery, as far as history looks at them: where the registry is, and what ran in production. */
export async function writeState(clone: Clone, host: string): Promise<void> {
  await importOutputs(clone, "delivery", { registry: { host } });
  await writeStackHistory(clone, "production");
}

/** A registry of its own, until it is stopped. */
export async function startRegistry(): Promise<{ host: string; stop: () => Promise<unknown> }> {
  const image = (await execa(process.execPath, [join(projectRoot, "images", "build.ts"), "registry"])).stdout;
  const run = await execa("docker", ["run", "--rm", "--detach", "--publish", "127.0.0.1::5000", image]);
  const container = run.stdout;
  const stop = (): Promise<unknown> => execa("docker", ["rm", "--force", "--volumes", container]);
  const host = (await execa("docker", ["port", container, "5000/tcp"])).stdout;
  if (await registryAnswers(host, AbortSignal.timeout(10_000))) return { host, stop };
  await stop();
  throw new Error(`The registry at ${host} does not answer`);
}
