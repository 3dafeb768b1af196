import { expect, test } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { docker, madeBy } from "../../support/engine.ts";

/** What was made goes again, by hand or by one command, also when half of it is gone already. */
export function destroyed(clone: () => Clone): void {
  let instance = "";

  test("pulumi destroy by hand removes an environment", async () => {
    instance = await clone().instance();
    const run = await clone().pulumi("destroy", "-s", "staging", "--yes", "--skip-preview", "--non-interactive");
    expect(run.exitCode, run.stdout + run.stderr).toBe(0);
    const status = await clone().promote("status", "--json");
    const [staging] = JSON.parse(status.stdout).environments;
    expect(staging).toMatchObject({ environment: "staging", state: "not created" });
  });

  test("promote destroy removes the rest though a node and the registry are gone already", async () => {
    const half = await docker("ps", "--filter", `label=slipway.instance=${instance}`, "--format", "{{.Names}}");
    const gone = half.filter((name) => /registry$|prodlike-2$|production-1$/.test(name));
    expect(gone).toHaveLength(3);
    await docker("rm", "--force", ...gone);
    const run = await clone().promote("destroy", "--yes");
    expect(run.exitCode, run.stderr).toBe(0);
    expect(await madeBy(instance)).toEqual([]);
  });

  test("destroying what is gone is no error", async () => {
    const run = await clone().promote("destroy", "--yes");
    expect(run.exitCode, run.stderr).toBe(0);
  });
}
