import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

import { Authority } from "../support/authority.ts";
import { postgresBackend, type TestBackend } from "../support/backends.ts";
import { Clone } from "../support/clone.ts";
import { docker, subnets } from "../support/engine.ts";
import { longTests } from "../support/long.ts";
import { OwnRegistry, password } from "../support/own-registry.ts";
import { type SshHost, SshHosts } from "../support/ssh-host.ts";

const network = `own-places-${process.pid}`;

let folder: string;
let registry: OwnRegistry;
let backend: TestBackend;
let clone: Clone;
let certs: string;
let env: Record<string, string>;
let auth: string;
let hosts: SshHosts;
let one: SshHost;

/** Makes a network for its gateway alone: an address of this machine that no engine in a container has for its own. */
async function addressOf(name: string): Promise<string> {
  const taken = await subnets();
  const subnet = Array.from({ length: 100 }, (_, index) => `10.216.${index}.0/24`).find((net) => !taken.includes(net));
  await docker("network", "create", "--subnet", subnet ?? "", name);
  const [gateway = ""] = await docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", name);
  return gateway || `${subnet?.replace("0/24", "1")}`;
}

async function prepare(): Promise<void> {
  // Not called as a clone is: what is left of those is removed.
  folder = await mkdtemp(join(tmpdir(), "own-places-"));
  const authority = await Authority.make(folder);
  registry = await OwnRegistry.start("basic", authority, folder, { at: await addressOf(network) });
  backend = await postgresBackend();
  // The machine's own engine pushes, and believes nobody else's word about an authority.
  certs = join("/etc/docker/certs.d", registry.host);
  await mkdir(certs, { recursive: true });
  await writeFile(join(certs, "ca.crt"), authority.certificate);
  auth = Buffer.from(`ann:${password}`).toString("base64");
  await writeFile(join(folder, "config.json"), JSON.stringify({ auths: { [registry.host]: { auth } } }));
  hosts = await SshHosts.make();
  const all = await Promise.all([hosts.add("places-1"), hosts.add("places-2")]);
  const [manager, worker] = all;
  one = manager;
  await hosts.know(...all);
  const trust = 'mkdir -p "$1" && printf "%s" "$2" > "$1/ca.crt"';
  for (const host of all) await host.run("sh", "-c", trust, "sh", certs, authority.certificate);
  env = { ...backend.env, ...hosts.env, DOCKER_CONFIG: folder };
  clone = await Clone.make("own-places");
  await clone.set("delivery", "registry", `${registry.host}/team`);
  await clone.set("production", "cluster", [
    { at: manager.ssh, address: manager.ip, role: "manager", data: true },
    { at: worker.ssh, address: worker.ip },
  ]);
  await clone.commit("Use a registry of one's own");
}

async function remove(): Promise<void> {
  const destroyed = await clone?.remove(env).catch((error: Error) => error);
  await hosts?.remove();
  await backend?.remove();
  await registry?.remove();
  await docker("network", "rm", network).catch(() => {});
  if (certs) await rm(certs, { recursive: true, force: true });
  if (folder) await rm(folder, { recursive: true, force: true });
  expect(destroyed).toBeUndefined();
}

const promote = (...args: string[]) => clone.promoteWith(env, ...args);

/** What is delivered, into which registry, onto which hosts and with which state, is tested elsewhere in parts; all of it takes minutes. */
longTests("a delivery with a registry, a database and hosts of one's own", () => {
  beforeAll(prepare);
  afterAll(remove);

  test("passes all nine steps", async () => {
    const { exitCode, stdout, stderr } = await promote("--continuous", "--json");
    expect(exitCode, stderr).toBe(0);
    const { release } = JSON.parse(stdout);
    expect(release.images.app).toMatch(new RegExp(`^${registry.host}/team/demo/app@sha256:`));
    expect((await promote("evidence", "--json")).exitCode).toBe(0);
  });

  test("production is a Swarm of the hosts, whose nodes pull with a login that is nowhere in clear", async () => {
    expect((await one.run("docker", "node", "ls", "--format", "{{.Hostname}} {{.Status}}")).toSorted()).toEqual([
      "places-1 Ready",
      "places-2 Ready",
    ]);
    const images = await one.run("docker", "service", "ls", "--format", "{{.Image}}");
    expect(images.some((image) => image.startsWith(`${registry.host}/team/demo/app`))).toBe(true);
    const page = await fetch(`http://${one.ip}/demo/hello`, { signal: AbortSignal.timeout(10_000) });
    expect(await page.text()).toContain("Hello from the demo");
    const { stdout } = await clone.pulumiWith(env, "stack", "export", "--stack", "production");
    for (const secret of [auth, password]) expect(stdout).not.toContain(secret);
  });

  test("goes on as it was when the state has moved: nothing is made anew", async () => {
    expect(await promote("move-state", backend.url)).toMatchObject({ exitCode: 0 });
    await clone.commit("Keep the state in PostgreSQL");
    for (const stack of ["delivery", "staging", "prodlike", "production"]) {
      const preview = await clone.pulumiWith(env, "preview", "--expect-no-changes", "--stack", stack);
      expect(preview.exitCode, `${stack}: ${preview.stdout}${preview.stderr}`).toBe(0);
    }
    expect(await promote("drift")).toMatchObject({ exitCode: 0 });
    await clone.edit("demo/src/routes.ts", "from the demo", "from the demo, moved");
    await clone.commit("Greet otherwise");
    const { exitCode, stderr } = await promote("--continuous");
    expect(exitCode, stderr).toBe(0);
    const { entries } = JSON.parse((await promote("history", "production", "--json")).stdout);
    expect(entries[0]).toMatchObject({
      kind: "promotion",
      run: { outcome: "deployed" },
      update: { result: "succeeded" },
    });
  });
});
