import { expect, test } from "vitest";

import { assertClusters, managerFindings } from "../../../pipeline/clusters.ts";
import { PrerequisiteError } from "../../../pipeline/errors.ts";
import type { StackSettings } from "../../../pipeline/stack-settings.ts";
import type { ClusterSettings } from "../../../settings/cluster.ts";
import { anEngine } from "../swarm/an-engine.ts";

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
