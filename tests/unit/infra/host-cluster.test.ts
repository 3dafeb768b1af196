import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { HostCluster, seeHosts } from "../../../infra/host-cluster.ts";
import type { Host } from "../../../settings/hosts.ts";
import { mockPulumi, mocksDone, resolved } from "../../support/pulumi-mocks.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const host = (last: number, changes: Partial<Host> = {}): Host => ({
  at: `ssh://root@10.0.0.${last}`,
  address: `10.0.0.${last}`,
  role: "worker",
  data: false,
  labels: {},
  availability: "active",
  ...changes,
});
const wanted = {
  hosts: [host(1, { role: "manager", data: true }), host(2), host(3, { availability: "drain" })],
  tokens: 1,
};

beforeEach(async () => {
  // An ssh that reaches nobody.
  const folder = await temporaryFolder();
  await writeFile(join(folder, "ssh"), "#!/bin/sh\nexit 255\n");
  await chmod(join(folder, "ssh"), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await mocksDone();
});

test("before there is a Swarm, its hosts are made one, and nobody is asked what runs", async () => {
  expect(await seeHosts(wanted, 0)).toEqual({ wanted, manager: undefined, revision: 0 });
});

test("a Swarm of hosts is reached at its first manager, and at every host that takes tasks", async () => {
  const resources = await mockPulumi({ stack: "production" });
  const cluster = new HostCluster("cluster", {
    wanted,
    manager: undefined,
    revision: 3,
    addresses: [],
    registry: "127.0.0.1:5000",
  });
  expect(cluster.engine).toBe("ssh://root@10.0.0.1");
  expect(cluster.addresses).toEqual(["http://10.0.0.1", "http://10.0.0.2"]);
  expect(await resolved(cluster.nodes)).toEqual([]);
  expect(await resolved(cluster.revision)).toBe(3);
  await mocksDone();
  const made = resources.find(({ name }) => name === "cluster-hosts")?.inputs;
  expect(made?.environment).toEqual({ SLIPWAY_HOSTS: JSON.stringify(wanted) });
  const provider = resources.find(({ type }) => type === "pulumi:providers:docker")?.inputs;
  expect(provider?.host).toBe("ssh://root@10.0.0.1");
  expect(String(provider?.sshOpts)).toContain("StrictHostKeyChecking=yes");
});
