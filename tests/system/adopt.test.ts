import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, expect } from "vitest";

import { projectRoot, pulumiHome } from "../../settings/project.ts";
import { pulumiEnvironment } from "../../settings/pulumi-environment.ts";
import { connect } from "../../swarm/engine.ts";
import { readServices } from "../../swarm/services.ts";
import { BareSwarm, until } from "../support/bare-swarm.ts";
import { longTest } from "../support/long.ts";
import { madeOf } from "../support/stack-inspect.ts";
import type { StackFileToDeploy } from "./stack-file/index.ts";

/** It takes a minute and more. */

const stack = "shop";
const program = join(import.meta.dirname, "stack-file");
const settings = join(program, `Pulumi.${stack}.yaml`);

let swarm: BareSwarm;
let backend: string;

beforeAll(async () => {
  swarm = await BareSwarm.make();
  backend = await mkdtemp(join(tmpdir(), "slipway-adopt-"));
  await rm(settings, { force: true });
  const env = { SHOP_TEST_IMAGE: swarm.image.tag };
  const file = join(program, "adopted.yaml");
  await execa("docker", ["--host", swarm.engine, "stack", "deploy", "--detach", "--compose-file", file, stack], {
    env,
  });
  await until(60, "The stack does not run", async () => (await tasks()).length === 3);
});
afterAll(async () => {
  await rm(settings, { force: true });
  await swarm?.remove();
  if (backend) await rm(backend, { recursive: true, force: true });
});

/** The tasks that run, by which one that is started again is seen. */
const tasks = async (): Promise<string[]> =>
  (await readServices(connect(swarm.engine), stack))
    .flatMap((service) => service.tasks.filter(({ state }) => state === "running").map(({ id }) => id))
    .toSorted();

const environment = (files: string[]): Record<string, string> => {
  const told: StackFileToDeploy = {
    engine: swarm.engine,
    files,
    image: { name: swarm.image.tag, digest: swarm.image.digest },
    completes: [],
  };
  return {
    SHOP_TEST_IMAGE: swarm.image.tag,
    SLIPWAY_STACK_FILE: JSON.stringify(told),
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    PULUMI_CONFIG_PASSPHRASE: "of a test",
  };
};

const adopt = (files: string[]) => {
  const args = ["adopt", stack, "--program", program, "--host", swarm.engine, "--json"];
  const options = { env: environment(files), reject: false, stdin: "ignore" } as const;
  return execa(process.execPath, [join(projectRoot, "cli", "main.ts"), ...args], options);
};

longTest("a program that declares something else cannot take a stack over, and nothing is written", async () => {
  const refused = await adopt(["adopted.yaml", "adopted.more.yaml"]);
  expect(refused.stderr).toMatch(
    /does not fit what runs as shop; taking it over would create Service shop-more-service/,
  );
  expect(refused.exitCode).toBe(2);
});

longTest("a stack that runs is taken over as it is, and what the next update would change is shown", async () => {
  const [running, made] = [await tasks(), await madeOf(swarm, stack)];
  const { stdout, stderr, exitCode } = await adopt(["adopted.yaml"]);
  expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
  const result = JSON.parse(stdout);
  expect(result.adopted.toSorted()).toEqual(
    ["network shop_default", "network shop_back", "service shop_plain", "service shop_web"].toSorted(),
  );
  expect(result.left).toEqual(["config shop_site", "secret shop_word"]);
  // No task was touched, and of all that runs nothing is different but what is made beside the config and the secret in use.
  expect(await tasks()).toEqual(running);
  const now = await madeOf(swarm, stack);
  for (const [name, one] of Object.entries(made)) expect(now[name]).toEqual(one);

  expect(result.changes.map(({ kind, what }: { kind: string; what: string }) => `${kind} ${what}`).toSorted()).toEqual([
    "update service shop_plain",
    "update service shop_web",
  ]);
});

longTest("typed again it finds all taken over, and Pulumi goes on from there", async () => {
  const again = await adopt(["adopted.yaml"]);
  expect(again.exitCode).toBe(0);
  const up = await execa("pulumi", ["up", "--yes", "--skip-preview", "--stack", stack, "--non-interactive"], {
    cwd: program,
    env: { ...pulumiEnvironment(), PULUMI_HOME: pulumiHome(), ...environment(["adopted.yaml"]) },
    stdin: "ignore",
    all: true,
    reject: false,
  });
  expect(up.exitCode, up.all.slice(-3_000)).toBe(0);
  expect(await tasks()).toHaveLength(3);
  // Nothing uses the old ones any more.
  await swarm.docker("config", "rm", "shop_site");
  await swarm.docker("secret", "rm", "shop_word");
});
