import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";

import { assertClusters, managerFindings } from "../../../pipeline/clusters.ts";
import { PrerequisiteError } from "../../../pipeline/errors.ts";
import type { StackSettings } from "../../../pipeline/stack-settings.ts";
import type { ClusterSettings } from "../../../settings/cluster.ts";
import { anEngine } from "../swarm/an-engine.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const settings = (production: ClusterSettings) =>
  ({
    environments: {
      staging: { cluster: { kind: "local" } },
      prodlike: { cluster: { kind: "local" } },
      production: { cluster: production },
    },
  }) as unknown as Pick<StackSettings, "environments">;

const info = { SystemTime: new Date().toISOString(), Swarm: { LocalNodeState: "active", ControlAvailable: true } };

test("environments on this machine have no manager that could be missing", async () => {
  expect(await managerFindings(settings({ kind: "local" }))).toEqual([]);
  await assertClusters(settings({ kind: "local" }));
});

test("a manager that can be used is told with its version", async () => {
  const { socket } = await anEngine({ version: { Version: "27.3.1", ApiVersion: "1.47" }, info, nodes: [] });
  const engine = `unix://${socket}`;
  const given = settings({ kind: "manager", engine });
  expect(await managerFindings(given)).toEqual([{ environment: "production", engine, version: "27.3.1" }]);
  await assertClusters(given);
});

test("one that cannot be is refused with the key that names it, and nothing that it says moves a cursor", async () => {
  const { socket } = await anEngine({ version: 500, "version says": "no \x1b[2J room" });
  const refused = assertClusters(settings({ kind: "manager", engine: `unix://${socket}` }));
  await expect(refused).rejects.toThrow(PrerequisiteError);
  await expect(refused).rejects.toThrow(
    /slipway:cluster in Pulumi\.production\.yaml\), cannot be used: .*no {1,2}room/,
  );
});

test("of hosts, one of those that are to be managers has to let us in, with an engine or without", async () => {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, "ssh"),
    '#!/bin/sh\ncase "$*" in *h1*) echo "Host key verification failed." >&2; exit 255;; esac\n',
  );
  await chmod(join(folder, "ssh"), 0o755);
  vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  const host = (at: string) => ({
    at,
    address: "10.0.0.1",
    role: "manager" as const,
    data: true,
    labels: {},
    availability: "active" as const,
  });
  const hosts = [host("ssh://h1"), host("ssh://h2")];
  expect(await managerFindings(settings({ kind: "hosts", hosts }))).toEqual([
    { environment: "production", engine: "ssh://h2", version: "none yet" },
  ]);
  const refused = assertClusters(settings({ kind: "hosts", hosts: hosts.slice(0, 1) }));
  await expect(refused).rejects.toThrow(/ssh:\/\/h1 .*its host key is not known/);
});
