import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { EngineAddressError, reachOf, readCertificates } from "../../../swarm/engine-address.ts";
import { temporaryFolder } from "../temporary-folder.ts";

test.each([
  ["unix:///run/docker.sock", { by: "unix", socket: "/run/docker.sock" }],
  ["ssh://host", { by: "ssh", host: "host" }],
  ["ssh://deploy@host.example.org:2222", { by: "ssh", host: "host.example.org", user: "deploy", port: "2222" }],
  ["ssh://root@[fd00::1]", { by: "ssh", host: "fd00::1", user: "root" }],
  ["tcp://host:2376", { by: "tls", host: "host", port: "2376", certificates: join(homedir(), ".docker") }],
  ["tcp://host:2376?certificates=/etc/keys", { by: "tls", host: "host", port: "2376", certificates: "/etc/keys" }],
  [
    "tcp://host:2376?certificates=~/keys",
    { by: "tls", host: "host", port: "2376", certificates: join(homedir(), "keys") },
  ],
])("%s", (address, reach) => {
  expect(reachOf(address, {})).toEqual(reach);
});

test.each([
  "",
  "host",
  "http://host:2375",
  "ssh://",
  "ssh://-oProxyCommand=x",
  "ssh://-l@host",
  "ssh://host/var/run/docker.sock",
  "ssh://host?x=1",
  "tcp://host",
  "tcp://host:2376?verify=no",
  "tcp://host:2376?certificates=",
])("%j is no address", (address) => {
  expect(() => reachOf(address, {})).toThrow(EngineAddressError);
});

test("a password in an address is refused, and not told", () => {
  expect(() => reachOf("ssh://ann:hunter2@host", {})).toThrow(EngineAddressError);
  expect(() => reachOf("ssh://ann:hunter2@host", {})).not.toThrow(/hunter2/);
});

test("certificates are looked for where the docker command looks for them", () => {
  expect(reachOf("tcp://host:2376", { DOCKER_CERT_PATH: "/keys" })).toMatchObject({ certificates: "/keys" });
  expect(reachOf("tcp://host:2376", { DOCKER_CONFIG: "/docker" })).toMatchObject({ certificates: "/docker" });
});

test("a certificate that is not there is named", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "ca.pem"), "a CA");
  expect(() => readCertificates(folder)).toThrow(join(folder, "cert.pem"));
});

describe("a docker context", () => {
  async function withContext(name: string, docker: object, certificates: boolean) {
    const folder = await temporaryFolder();
    const hash = createHash("sha256").update(name).digest("hex");
    const meta = join(folder, "contexts", "meta", hash);
    await mkdir(meta, { recursive: true });
    await writeFile(join(meta, "meta.json"), JSON.stringify({ Name: name, Endpoints: { docker } }));
    const tls = join(folder, "contexts", "tls", hash, "docker");
    if (certificates) await mkdir(tls, { recursive: true });
    return { env: { DOCKER_CONFIG: folder }, tls };
  }

  test("by SSH leads to its host", async () => {
    const { env } = await withContext("far", { Host: "ssh://ann@host" }, false);
    expect(reachOf("context:far", env)).toEqual({ by: "ssh", host: "host", user: "ann" });
  });

  test("by TLS brings its own certificates", async () => {
    const { env, tls } = await withContext("far", { Host: "tcp://host:2376" }, true);
    expect(reachOf("context:far", env)).toEqual({ by: "tls", host: "host", port: "2376", certificates: tls });
  });

  test.each([
    ["that is not there", "near", { Host: "ssh://host" }, /no docker context "far"/],
    ["without certificates", "far", { Host: "tcp://host:2376" }, /has no client certificates/],
    ["that checks nothing", "far", { Host: "tcp://host:2376", SkipTLSVerify: true }, /does not check/],
  ])("%s is refused", async (_, name, docker, reason) => {
    const { env } = await withContext(name, docker, false);
    expect(() => reachOf("context:far", env)).toThrow(reason);
  });
});
