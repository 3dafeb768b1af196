import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { pulumiHome } from "../../settings/project.ts";
import { pulumiEnvironment } from "../../settings/pulumi-environment.ts";
import { BareSwarm } from "../support/bare-swarm.ts";
import { differences } from "../support/differences.ts";
import { madeOf } from "../support/stack-inspect.ts";
import type { StackFileToDeploy } from "./stack-file/index.ts";

const stack = "shop";
const folder = join(import.meta.dirname, "stack-file");

/** Where Pulumi notes the salt of the stack's passphrase. */
const settings = join(folder, `Pulumi.${stack}.yaml`);

let swarm: BareSwarm;
let backend: string;
/** What `docker stack deploy` makes of the changed file, where nothing was before. */
let whenChanged: Record<string, unknown>;
/** What variables in the files are. */
let variables: Record<string, string>;

beforeAll(async () => {
  swarm = await BareSwarm.make();
  backend = await mkdtemp(join(tmpdir(), "slipway-stack-file-"));
  variables = { SHOP_TEST_IMAGE: swarm.image.tag, SHOP_TEST_BARE: "bare" };
  await swarm.docker("network", "create", "--driver", "overlay", "elsewhere");
  for (const [kind, name] of [
    ["config", "foreign"],
    ["secret", "foreign-secret"],
  ] as const) {
    await execa("docker", ["--host", swarm.engine, kind, "create", name, "-"], { input: "made by somebody else" });
  }
  await rm(settings, { force: true });
  await pulumi([], "stack", "init", stack);
});

afterAll(async () => {
  await rm(settings, { force: true });
  await swarm?.remove();
  if (backend) await rm(backend, { recursive: true, force: true });
});

async function pulumi(files: string[], ...args: string[]): Promise<string> {
  const told: StackFileToDeploy = {
    engine: swarm.engine,
    files,
    image: { name: swarm.image.tag, digest: swarm.image.digest },
    completes: files.includes("compose.yaml") ? ["migrate"] : [],
  };
  const env = {
    ...pulumiEnvironment(),
    ...variables,
    PULUMI_HOME: pulumiHome(),
    PULUMI_BACKEND_URL: pathToFileURL(backend).href,
    PULUMI_CONFIG_PASSPHRASE: "of a test",
    SLIPWAY_STACK_FILE: JSON.stringify(told),
  };
  const all = [...args, "--non-interactive", ...(files.length > 0 ? ["--stack", stack] : [])];
  return (await execa("pulumi", all, { cwd: folder, env, stdin: "ignore", all: true })).all;
}

/** What `docker stack deploy` makes of the files; it is removed again. */
async function byDocker(files: string[]): Promise<Record<string, unknown>> {
  const listed = files.flatMap((file) => ["--compose-file", join(folder, file)]);
  const args = ["stack", "deploy", "--detach", "--resolve-image=never", ...listed, stack];
  await execa("docker", ["--host", swarm.engine, ...args], { env: variables });
  await swarm.networksAre(stack);
  const made = await madeOf(swarm, stack);
  await swarm.removeStack(stack);
  return made;
}

/**
 * What differs on purpose, or because the docker plugin says it in another way that means the same to Swarm: the list in
 * docs/stack-file.md.
 */
const allowed: [what: string, pattern: RegExp][] = [
  ["digests", /^service [^.]+\.TaskTemplate\.ContainerSpec\.Image$/],
  ["platforms of the digest", /^service [^.]+\.TaskTemplate\.Placement\.Platforms$/],
  [
    "empty parts",
    /\.ContainerSpec\.(?:Privileges|Healthcheck)$|\.Resources\.(?:Limits|Reservations)$|\.VolumeOptions\.DriverConfig$/,
  ],
  ["no window", /\.RestartPolicy\.Window$/],
  ["tasks that run for ever", /^service shop_(?:worker|rich)\.Labels\.slipway\.lasting$/],
];

const notAllowed = (found: { path: string }[]) =>
  found.filter(({ path }) => !allowed.some(([, pattern]) => pattern.test(path)));

const first = ["compose.yaml", "compose.override.yaml"];
const changed = ["compose.changed.yaml"];

describe("a stack file", () => {
  test("comes to the same services, networks, configs and secrets as by docker stack deploy", async () => {
    const theirs = await byDocker(first);
    whenChanged = await byDocker(changed);
    await pulumi(first, "up", "--yes", "--skip-preview");
    const found = differences(theirs, await madeOf(swarm, stack));
    expect(notAllowed(found)).toEqual([]);
    // Each of the list is there: what differs no more is to be taken out of it.
    for (const [what, pattern] of allowed)
      expect([what, found.some(({ path }) => pattern.test(path))]).toEqual([what, true]);
    await pulumi(first, "preview", "--expect-no-changes");
  });

  test("leaves nothing behind of what is taken out of it", async () => {
    await pulumi(changed, "up", "--yes", "--skip-preview");
    expect(notAllowed(differences(whenChanged, await madeOf(swarm, stack)))).toEqual([]);
    await pulumi(changed, "preview", "--expect-no-changes");
  });

  test("is refused in a preview when what somebody else was to make is not there", async () => {
    const refused = await pulumi(["missing.yaml"], "preview").catch((error) => error);
    expect(refused.all).toMatch(/missing\.yaml:6: configs\.none: the Swarm has no config nobodys/);
  });

  test("is refused with its line before anything changes", async () => {
    const before = await madeOf(swarm, stack);
    const refused = await pulumi(["bad.yaml"], "up", "--yes", "--skip-preview").catch((error) => error);
    expect(refused.all).toMatch(/bad\.yaml:4: services\.web\.tty: no version of the docker plugin/);
    expect(refused.all).not.toMatch(/at .*\.ts:\d+/);
    expect(await madeOf(swarm, stack)).toEqual(before);
  });
});
