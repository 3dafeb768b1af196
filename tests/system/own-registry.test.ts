import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, vi } from "vitest";

import { createSigningKey } from "../../evidence/keys.ts";
import { predicates, writeStatement } from "../../evidence/statement.ts";
import { attachEvidence, findEvidence } from "../../evidence/store.ts";
import { buildImages } from "../../pipeline/images.ts";
import { LogFile } from "../../pipeline/log-file.ts";
import { assertRegistry } from "../../pipeline/own-registry.ts";
import type { Delivery } from "../../settings/delivery.ts";
import { pulumiHome } from "../../settings/project.ts";
import { pulumiEnvironment } from "../../settings/pulumi-environment.ts";
import { Authority } from "../support/authority.ts";
import { BareSwarm } from "../support/bare-swarm.ts";
import { longTest } from "../support/long.ts";
import { type Demand, OwnRegistry, password } from "../support/own-registry.ts";
import type { ServiceToDeploy } from "./own-registry/index.ts";

/** It takes a minute and more. */

const program = join(import.meta.dirname, "own-registry");
const dockerfile = "FROM slipway/registry:latest\nARG NOTHING\nHEALTHCHECK NONE\nENTRYPOINT []\nUSER root\n";
const commit = "c".repeat(40);

let folder: string;
let authority: Authority;
let swarm: BareSwarm;

beforeAll(async () => {
  swarm = await BareSwarm.make();
  folder = await mkdtemp(join(tmpdir(), "slipway-own-registry-"));
  authority = await Authority.make(folder);
});
afterAll(async () => {
  await swarm?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Logs in as docker would have it, by a helper where `docker login` would use one. */
async function logIn(host: string, user: string, secret: string): Promise<void> {
  const store = join(folder, "docker-credential-test");
  const login = JSON.stringify({ ServerURL: host, Username: user, Secret: secret });
  await writeFile(store, `#!/bin/bash\n[[ "$1" == get && "$(cat)" == "${host}" ]] || exit 1\necho '${login}'\n`, {
    mode: 0o755,
  });
  const auth = Buffer.from(`${user}:${secret}`).toString("base64");
  const byHelper = { auths: { [host]: {} }, credHelpers: { [host]: "test" } };
  const config = user === "ann" ? byHelper : { auths: { [host]: { auth } } };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
}

async function trust(host: string): Promise<void> {
  const certs = join(folder, ".config", "docker", "certs.d", host);
  await mkdir(certs, { recursive: true });
  await writeFile(join(certs, "ca.crt"), authority.certificate);
  await swarm.trust(host, authority.certificate);
}

/** Builds and pushes a release as step 3 does, on the Swarm's engine. */
async function build(registry: string): Promise<string> {
  const context = await mkdtemp(join(folder, "checkout-"));
  await writeFile(join(context, "Dockerfile"), dockerfile);
  const delivery = { name: "demo", images: { app: { context, dockerfile: join(context, "Dockerfile") } } };
  const log = new LogFile(join(context, "log"));
  vi.stubEnv("DOCKER_HOST", swarm.engine);
  try {
    const job = { checkout: context, commit, registry, signal: AbortSignal.timeout(300_000), log, detail: () => {} };
    const what = { inputs: { app: "0".repeat(64) }, again: true, keys: [], days: 1 };
    return (await buildImages({ ...job, ...what, delivery: delivery as unknown as Delivery })).app?.reference ?? "";
  } finally {
    vi.stubEnv("DOCKER_HOST", undefined);
    log.close();
  }
}

async function proveOnce(image: string): Promise<number> {
  const release = { application: "demo", commit, version: "1", images: { app: image } };
  const now = new Date();
  const about = { application: "demo", commit, startedOn: now, finishedOn: now, runBy: "ann@host", tools: {} };
  const statement = writeStatement(release, { claim: "build", ...about }, { type: predicates.provenance, fields: {} });
  await attachEvidence(release, statement, await createSigningKey(join(folder, "signing.pem")));
  return (await findEvidence(release, [])).length;
}

/** Runs Pulumi on a program whose one service has the image, and returns all that it printed. */
async function pulumi(image: string, ...args: string[]): Promise<string> {
  const told: ServiceToDeploy = { engine: swarm.engine, image };
  const env = {
    ...pulumiEnvironment(),
    PULUMI_HOME: pulumiHome(),
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE: "of a test",
    SLIPWAY_OWN_REGISTRY: JSON.stringify(told),
  };
  return (await execa("pulumi", [...args, "--non-interactive"], { cwd: program, env, stdin: "ignore", all: true })).all;
}

async function allOf(path: string): Promise<string> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");
}

/** Deploys a service and removes it again; returns how its task was, and what Pulumi's backend held of all that. */
async function deployed(stack: string, image: string): Promise<{ running: string; state: string }> {
  await mkdir(join(folder, "state"), { recursive: true });
  await pulumi(image, "stack", "init", stack);
  try {
    await pulumi(image, "up", "--yes", "--skip-preview", "--stack", stack);
    const [running = ""] = await swarm.docker("service", "ps", "--format", "{{.Image}} {{.CurrentState}}", "shop_idle");
    await pulumi(image, "preview", "--expect-no-changes", "--stack", stack);
    return { running, state: await allOf(join(folder, "state")) };
  } finally {
    await pulumi(image, "destroy", "--yes", "--skip-preview", "--stack", stack);
    await rm(join(program, `Pulumi.${stack}.yaml`), { force: true });
  }
}

/** What only a registry that gives tokens does. */
const tokenTest =
  (demand: Demand): typeof longTest =>
  (title, action) =>
    demand === "token" && longTest(title, action);

describe.each<Demand>(["basic", "token"])("a registry of one's own that demands a login (%s)", (demand) => {
  let it: OwnRegistry;
  let registry: string;

  beforeAll(async () => {
    it = await OwnRegistry.start(demand, authority, folder);
    registry = `${it.host}/team`;
  });
  afterAll(async () => it?.remove());

  beforeEach(() => {
    // Pulumi's plugins stay where they are; docker's own folders are the test's.
    vi.stubEnv("PULUMI_HOME", pulumiHome());
    vi.stubEnv("HOME", folder);
    vi.stubEnv("DOCKER_CONFIG", folder);
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  });
  afterEach(() => void vi.unstubAllEnvs());

  longTest("is refused before anything changes when its authority is not known", async () => {
    await expect(assertRegistry(registry)).rejects.toMatchObject({
      code: "prerequisite",
      message: `The certificate of the registry at ${it.host} is of an authority that is not known here`,
      next: expect.stringContaining(`/etc/docker/certs.d/${it.host}/ca.crt`),
    });
    await trust(it.host);
  });

  longTest("is refused with a wrong password, and without one", async () => {
    await rm(join(folder, "config.json"), { force: true });
    await expect(assertRegistry(registry)).rejects.toThrow(/wants a login, and there is none/);
    await logIn(it.host, "ann", "wrong horse");
    const failure = await assertRegistry(registry).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      message: `The registry at ${it.host} refuses the login of ann`,
      next: `docker login ${it.host}`,
    });
    expect(JSON.stringify(failure)).not.toContain("wrong horse");
  });

  tokenTest(demand)("is refused to those who may only read", async () => {
    await logIn(it.host, "bob", password);
    await expect(assertRegistry(registry)).rejects.toThrow(
      `The registry at ${it.host} does not let bob write to team/slipway/edge`,
    );
  });

  longTest(
    "takes images and evidence, and nodes pull from it by digest with the login that they are handed",
    async () => {
      await logIn(it.host, "ann", password);
      await assertRegistry(registry);
      const image = await build(registry);
      expect(image).toMatch(new RegExp(`^${registry}/demo/app@sha256:[0-9a-f]{64}$`));
      expect(await proveOnce(image)).toBe(1);

      const tag = `${registry}/demo/app:${commit.slice(0, 12)}`;
      await swarm.docker("rmi", tag);
      const { running, state } = await deployed(demand, image);
      expect(running).toMatch(/Running/);
      expect(state).toContain(it.host);
      for (const secret of [password, Buffer.from(`ann:${password}`).toString("base64")])
        expect(state).not.toContain(secret);
    },
  );

  tokenTest(demand)("gives tokens for what is done and no more", () => {
    expect(new Set(it.asked.map((scope) => scope.split(":")[0]))).toEqual(new Set(["repository"]));
    expect(it.asked.some((scope) => /^repository:team\/demo\/app:(pull,push|push,pull)$/.test(scope))).toBe(true);
  });
});
