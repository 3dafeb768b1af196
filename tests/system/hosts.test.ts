import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Host } from "../../settings/hosts.ts";
import { pulumiHome } from "../../settings/project.ts";
import { pulumiEnvironment } from "../../settings/pulumi-environment.ts";
import type { Wanted } from "../../swarm/hosts-seen.ts";
import { docker, subnets } from "../support/engine.ts";
import { long, longTests } from "../support/long.ts";
import { type SshHost, SshHosts } from "../support/ssh-host.ts";

// It takes minutes: every change is waited for in a real Swarm.

const program = join(import.meta.dirname, "hosts");
const settings = join(program, "Pulumi.test.yaml");
const network = `slipway-hosts-${process.pid}`;

let hosts: SshHosts;
let folder: string;
let subnet: string;
let [one, two, three]: SshHost[] = [];

/** Hosts keep their addresses, also when another takes the place of one. */
const add = (index: number, more = {}): Promise<SshHost> =>
  hosts.add(`host-${index}`, { network, ip: subnet.replace("0/24", String(10 + index)), ...more });

beforeAll(async () => {
  if (!long) return;
  hosts = await SshHosts.make();
  folder = await mkdtemp(join(tmpdir(), "slipway-hosts-"));
  const taken = await subnets();
  const free = Array.from({ length: 100 }, (_, index) => `10.215.${index}.0/24`).find((net) => !taken.includes(net));
  subnet = free ?? "";
  await hosts.addNetwork(network, subnet);
  [one, two, three] = await Promise.all([add(1), add(2, { engine: false }), add(3, { engine: false })]);
  // The second one has no engine, and that of the third was never started.
  await two.run("sh", "-c", "apt-get remove --yes --quiet docker.io >/dev/null 2>&1 && ! command -v dockerd");
  await hosts.know(...all());
  await rm(settings, { force: true });
  await pulumi({ hosts: [], tokens: 1 }, "stack", "init");
});

afterAll(async () => {
  await hosts?.remove();
  if (!long) return;
  await rm(settings, { force: true });
  if (folder) await rm(folder, { recursive: true, force: true });
});

const all = (): SshHost[] => [one, two, three] as SshHost[];

const as = (host: SshHost | undefined, changes: Partial<Host> = {}): Host => ({
  at: host?.ssh ?? "",
  address: host?.ip ?? "",
  role: "worker",
  data: false,
  labels: {},
  availability: "active",
  ...changes,
});

async function pulumi(wanted: Wanted, ...args: string[]): Promise<string> {
  const env = {
    ...pulumiEnvironment({ ...process.env, ...hosts.env }),
    PULUMI_HOME: pulumiHome(),
    PULUMI_BACKEND_URL: pathToFileURL(folder).href,
    PULUMI_CONFIG_PASSPHRASE: "of a test",
    SLIPWAY_HOSTS_TO_BE: JSON.stringify(wanted),
  };
  const options = { cwd: program, env, stdin: "ignore", all: true } as const;
  return (await execa("pulumi", [...args, "--non-interactive", "--stack", "test"], options)).all;
}

/** Brings it up, and makes sure that there is nothing to do after that. */
async function up(wanted: Wanted): Promise<string> {
  const said = await pulumi(wanted, "up", "--yes", "--skip-preview");
  await pulumi(wanted, "preview", "--expect-no-changes");
  return said;
}

const refused = (wanted: Wanted): Promise<string> =>
  pulumi(wanted, "up", "--yes", "--skip-preview").then(
    () => "it was not refused",
    (error: { all: string }) => error.all,
  );

/** The nodes as the first host lists them. */
async function nodes(): Promise<string[]> {
  const format = "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}";
  return ((await one?.run("docker", "node", "ls", "--format", format)) ?? []).map((line) => line.trim()).toSorted();
}

const label = async (host: number): Promise<string> =>
  ((await one?.run("docker", "node", "inspect", `host-${host}`, "--format", "{{json .Spec.Labels}}")) ?? [""])[0] ?? "";

/** The least that there is: one manager, and a worker whose engine has to be installed. */
const least = (): Wanted => ({
  hosts: [as(one, { role: "manager", data: true }), as(two, { labels: { disk: "ssd" } })],
  tokens: 1,
});

const threeManagers = (): Wanted => ({
  hosts: [as(one, { role: "manager", data: true }), as(two, { role: "manager" }), as(three, { role: "manager" })],
  tokens: 1,
});

longTests("hosts become a Swarm and stay as they are to be", () => {
  test("which is made of them, with an engine installed where there was none", async () => {
    await up(least());
    expect(await nodes()).toEqual(["host-1 Ready Active Leader", "host-2 Ready Active"]);
    expect(JSON.parse(await label(2))).toEqual({ disk: "ssd", "slipway.host": two?.ssh });
    const outputs = JSON.parse(await pulumi(least(), "stack", "output", "--json"));
    expect(outputs).toMatchObject({
      engine: one?.ssh,
      nodes: [
        { name: "host-1", engine: one?.ssh },
        { name: "host-2", engine: two?.ssh },
      ],
      addresses: [`http://${one?.ip}`, `http://${two?.ip}`],
    });
  });

  test("what somebody changed by hand is put right", async () => {
    await one?.run("docker", "node", "update", "--label-add", "disk=hdd", "--availability", "drain", "host-2");
    await up(least());
    expect(await nodes()).toEqual(["host-1 Ready Active Leader", "host-2 Ready Active"]);
    expect(await label(2)).toContain('"disk":"ssd"');
  });

  test("hosts are added, with an engine started that did not run, and a worker becomes a manager", async () => {
    await up(threeManagers());
    expect(await nodes()).toEqual([
      "host-1 Ready Active Leader",
      "host-2 Ready Active Reachable",
      "host-3 Ready Active Reachable",
    ]);
    expect(JSON.parse(await label(2))).toEqual({ "slipway.host": two?.ssh });
  });

  test("join tokens are changed", async () => {
    const token = () => one?.run("docker", "swarm", "join-token", "--quiet", "worker");
    const before = await token();
    await up({ ...threeManagers(), tokens: 2 });
    expect(await token()).not.toEqual(before);
  });
});

longTests("hosts that are lost, replaced and upgraded", () => {
  test("what would leave no majority of the managers is refused before anything changes", async () => {
    await docker("stop", "--time", "1", three?.id ?? "");
    await expect.poll(nodes, { timeout: 90_000, interval: 1_000 }).toContain("host-3 Down Active Unreachable");
    const [manager, , lost] = threeManagers().hosts as [Host, Host, Host];
    const without = { hosts: [manager, { ...lost, role: "worker" as const }], tokens: 2 };
    expect(await refused(without)).toMatch(/Removing ssh:\/\/root@\S+ would leave 1 of 2 managers up/);
    expect(await nodes()).toContain("host-2 Ready Active Reachable");
  });

  test("a lost node is replaced by another at its address, once its host key is known", async () => {
    await three?.remove();
    three = await add(3);
    const wanted = { ...threeManagers(), tokens: 2 };
    expect(await pulumi(wanted, "up", "--yes", "--skip-preview")).toMatch(
      /Going on without .*it shows another host key/,
    );
    await hosts.know(...all());
    await up(wanted);
    expect(await nodes()).toEqual([
      "host-1 Ready Active Leader",
      "host-2 Ready Active Reachable",
      "host-3 Ready Active Reachable",
    ]);
  });

  test("engines are upgraded node by node, each while its node takes no tasks", async () => {
    const [engineVersion = ""] = await Promise.all(all().map((host) => host.offerNewerEngine()));
    const said = await up({ ...threeManagers(), tokens: 2, engineVersion });
    // Pulumi shows each line as it comes, and again at the end.
    expect([...new Set(said.match(/Upgrading the engine of \S+/g))].toSorted()).toEqual(
      all()
        .map((host) => `Upgrading the engine of ${host.ssh}`)
        .toSorted(),
    );
    for (const host of all()) {
      const [version] = await host.run("docker", "version", "--format", "{{.Server.Version}}");
      expect(version).toContain(engineVersion);
    }
    expect((await nodes()).map((line) => line.replace(/ (?:Leader|Reachable)$/, ""))).toEqual([
      "host-1 Ready Active",
      "host-2 Ready Active",
      "host-3 Ready Active",
    ]);
  });

  test("an engine that cannot be had is told, and the nodes are as they were", async () => {
    const wanted = { ...threeManagers(), tokens: 2, engineVersion: "999.0.0" };
    expect(await refused(wanted)).toMatch(
      /package sources of ssh:\/\/root@\S+ offer Docker \S+, and 999\.0\.0 is wanted/,
    );
    expect((await nodes()).map((line) => line.replace(/ (?:Leader|Reachable)$/, ""))).toEqual([
      "host-1 Ready Active",
      "host-2 Ready Active",
      "host-3 Ready Active",
    ]);
  });
});

longTests("hosts that are removed, or cannot be taken in", () => {
  test("hosts are removed, and leave", async () => {
    await up({ hosts: [as(one, { role: "manager", data: true })], tokens: 2 });
    expect(await nodes()).toEqual(["host-1 Ready Active Leader"]);
    const state = "{{.Swarm.LocalNodeState}}";
    expect(await two?.run("docker", "info", "--format", state)).toEqual(["inactive"]);
    expect(await three?.run("docker", "info", "--format", state)).toEqual(["inactive"]);
  });

  test("a host that is in another Swarm is refused", async () => {
    await two?.run("docker", "swarm", "init", "--advertise-addr", two.ip);
    const wanted = { hosts: [as(one, { role: "manager", data: true }), as(two)], tokens: 2 };
    expect(await refused(wanted)).toMatch(/ssh:\/\/root@\S+ is in another Swarm/);
  });

  test("a host that cannot be reached is refused by its name", async () => {
    const nobody = { ...as(two), at: "ssh://root@nobody.invalid" };
    const wanted = { hosts: [as(one, { role: "manager", data: true }), nobody], tokens: 2 };
    expect(await refused(wanted)).toMatch(/ssh:\/\/root@nobody\.invalid: its name is not known/);
  });
});
