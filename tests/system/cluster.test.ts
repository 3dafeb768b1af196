import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";

import { projectRoot, pulumiHome } from "../../settings/project.ts";
import { pulumiEnvironment } from "../../settings/pulumi-environment.ts";
import { connect } from "../../swarm/engine.ts";
import { examine } from "../../swarm/examine.ts";
import { docker } from "../support/engine.ts";
import { long, longTests } from "../support/long.ts";
import { type SshHost, SshHosts } from "../support/ssh-host.ts";
import type { ClusterToUse } from "./cluster/index.ts";

// It takes minutes, and what is said of each trouble is tested in tests/unit/swarm, too.

const program = join(import.meta.dirname, "cluster");
const image = "slipway-test/idle:1";
const idle =
  'FROM slipway/registry:latest\nHEALTHCHECK NONE\nUSER root\nSTOPSIGNAL SIGKILL\nENTRYPOINT ["sleep"]\nCMD ["infinity"]\n';

let hosts: SshHosts;
let host: SshHost;
/** Holds the certificates, docker's contexts and Pulumi's state. */
let folder: string;

beforeAll(async () => {
  if (!long) return;
  await execa(process.execPath, [join(projectRoot, "images", "build.ts"), "registry"]);
  await execa("docker", ["build", "--quiet", "--tag", image, "-"], { input: idle });
  hosts = await SshHosts.make();
  folder = await mkdtemp(join(tmpdir(), "slipway-cluster-"));
  host = await hosts.add("manager-1");
  await host.certificates(folder);
});

afterAll(async () => {
  await hosts?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  vi.stubEnv("PATH", hosts.env.PATH);
  await hosts.know(host);
  await hosts.logInWith("login");
});
afterEach(() => vi.unstubAllEnvs());

const byTls = (more = ""): string => `tcp://${host.ip}:2376?certificates=${folder}${more}`;

/** Connections of before are kept; a user of its own makes a new one. */
const anew = (user = "root"): string => `ssh://${user}@${host.ip}:22`;

longTests("a manager that cannot be used is told in words", () => {
  const troubles: [string, () => Promise<string>, RegExp][] = [
    ["in no Swarm", async () => host.ssh, /it is in no Swarm/],
    ["whose host key is not known", () => hosts.know().then(() => anew()), /its host key is not known/],
    ["whose host key has changed", () => withAnotherKey().then(() => anew()), /it shows another host key/],
    ["that refuses the login", () => hosts.logInWith("stranger").then(() => anew()), /it refuses the login/],
    ["whose engine is not the user's", async () => anew("guest"), /this user may not use its engine/],
    ["on whose port nothing listens", async () => `ssh://root@${host.ip}:2222`, /nothing listens on its SSH port/],
    ["that nobody knows", async () => "ssh://root@nobody.invalid", /its name is not known/],
    ["that wants another certificate", withAStrangersCertificate, /it refuses the client certificate/],
    ["of another CA", async () => byTlsOfAnotherCa(), /not of the CA in ca\.pem/],
    [
      "without certificates",
      async () => `tcp://${host.ip}:2376?certificates=/nowhere`,
      /\/nowhere\/ca\.pem is not there/,
    ],
  ];

  test.each(troubles)("one %s", async (_, address, why) => {
    const found = await examine(await address());
    expect(found).toMatchObject({ why: expect.stringMatching(why), next: expect.stringMatching(/./) });
  });

  async function withAnotherKey(): Promise<void> {
    const other = (await execa("cat", [join(hosts.folder, "stranger.pub")])).stdout.split(" ").slice(0, 2).join(" ");
    await writeFile(join(hosts.folder, "known_hosts"), `${host.ip} ${other}\n`);
  }

  /** Certificates that somebody signed himself. */
  async function ownCertificates(name: string): Promise<string> {
    const own = join(folder, name);
    await execa("mkdir", ["-p", own]);
    await host.run(
      "sh",
      "-c",
      `mkdir -p /other && cd /other && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -keyout key.pem -out cert.pem 2>/dev/null`,
    );
    for (const file of ["cert.pem", "key.pem"]) {
      await writeFile(join(own, file), `${(await host.run("cat", `/other/${file}`)).join("\n")}\n`);
    }
    return own;
  }

  async function withAStrangersCertificate(): Promise<string> {
    const own = await ownCertificates("stranger");
    await execa("cp", [join(folder, "ca.pem"), own]);
    return `tcp://${host.ip}:2376?certificates=${own}`;
  }

  async function byTlsOfAnotherCa(): Promise<string> {
    const own = await ownCertificates("another");
    await execa("cp", [join(own, "cert.pem"), join(own, "ca.pem")]);
    return `tcp://${host.ip}:2376?certificates=${own}`;
  }
});

const contexts = () => join(folder, "docker");

async function pulumi(stack: string, engine: string, ...args: string[]): Promise<string> {
  const told: ClusterToUse = { engine, image };
  const env = {
    ...pulumiEnvironment(),
    DOCKER_CONFIG: contexts(),
    PULUMI_HOME: pulumiHome(),
    PULUMI_BACKEND_URL: pathToFileURL(folder).href,
    PULUMI_CONFIG_PASSPHRASE: "of a test",
    SLIPWAY_CLUSTER: JSON.stringify(told),
  };
  const options = { cwd: program, env, stdin: "ignore", all: true } as const;
  return (await execa("pulumi", [...args, "--non-interactive", "--stack", stack], options)).all;
}

longTests("a Swarm that is there already", () => {
  beforeAll(async () => {
    await host.run("docker", "swarm", "init", "--advertise-addr", host.ip);
    await host.run("docker", "node", "update", "--label-add", "slipway.data=true", "manager-1");
    const saved = execa("docker", ["save", image], { buffer: false });
    await execa("docker", ["exec", "--interactive", host.id, "docker", "load"], { stdin: saved.stdout });
    const endpoint = `host=tcp://${host.ip}:2376,ca=${folder}/ca.pem,cert=${folder}/cert.pem,key=${folder}/key.pem`;
    await execa("docker", ["context", "create", "far", "--docker", endpoint], { env: { DOCKER_CONFIG: contexts() } });
  });

  const addresses: [string, () => string][] = [
    ["ssh", () => host.ssh],
    ["client certificates", byTls],
    ["a docker context", () => "context:far"],
  ];

  test.each(addresses)("is used by %s: made, looked at, and taken out again", async (name, address) => {
    vi.stubEnv("DOCKER_CONFIG", contexts());
    const stack = name.replaceAll(/\W/g, "-");
    const settings = join(program, `Pulumi.${stack}.yaml`);
    const services = async () => (await connect(address()).listServices()).map(({ Spec }) => Spec?.Name);
    try {
      await pulumi(stack, address(), "stack", "init");
      await pulumi(stack, address(), "up", "--yes", "--skip-preview");
      expect(await services()).toEqual(["shop_web"]);
      await pulumi(stack, address(), "preview", "--expect-no-changes");
      const state = await pulumi(stack, address(), "stack", "export");
      expect(state).not.toContain("PRIVATE KEY");
      await pulumi(stack, address(), "destroy", "--yes", "--skip-preview");
      expect(await services()).toEqual([]);
    } finally {
      await rm(settings, { force: true });
    }
  });

  test.each(addresses)("is asked by the docker command by %s", async (_, address) => {
    const script = join(projectRoot, "swarm", "docker.ts");
    const env = { DOCKER_CONFIG: contexts() };
    const args = [script, address(), "run", "--rm", "--interactive", "--network=none", "--entrypoint=cat", image, "-"];
    const { stdout } = await execa(process.execPath, args, { env, input: "through and back" });
    expect(stdout).toBe("through and back");
  });

  test("without quorum is told", async () => {
    const other = await hosts.add("manager-2");
    const [token = ""] = await host.run("docker", "swarm", "join-token", "--quiet", "manager");
    await other.run("docker", "swarm", "join", "--token", token, `${host.ip}:2377`);
    await docker("kill", other.id);
    await expect
      .poll(() => examine(host.ssh), { timeout: 60_000 })
      .toMatchObject({ why: expect.stringMatching(/no quorum/) });
  });
});
