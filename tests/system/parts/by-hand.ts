import { expect, test } from "vitest";

import type { Clone } from "../../support/clone.ts";
import { docker } from "../../support/engine.ts";
import { engineAddress, hello } from "../../support/production.ts";

/** What people do to an environment behind Pulumi's back is seen, and put right by the next `pulumi up`. */
export function byHand(clone: () => Clone): void {
  const up = async (stack: string): Promise<string> => {
    const ended = await clone().pulumi("up", "-s", stack, "--yes", "--skip-preview", "--non-interactive");
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0);
    return ended.stdout;
  };
  const staging = async (): Promise<{ state: string; reasons: string[] }> =>
    JSON.parse((await clone().promote("status", "--json")).stdout).environments[0];

  test("a service that was scaled by hand is no longer healthy; a pulumi up that may not look says so, the next puts it back", async () => {
    await docker("-H", engineAddress(clone(), "staging"), "service", "scale", "--detach", "staging_app=0");
    const status = await staging();
    expect(status.state).toBe("degraded");
    expect(status.reasons).toContain("staging_app is set to 0 tasks, not 1 task");
    const blind = ["up", "-s", "staging", "--refresh=false", "--yes", "--skip-preview", "--non-interactive"];
    const ended = await clone().pulumi(...blind);
    expect(ended.exitCode, ended.stdout).not.toBe(0);
    expect(ended.stdout + ended.stderr).toContain("it is set to 0 tasks, not 1 task");
    await up("staging");
    expect(await staging()).toMatchObject({ state: "healthy", reasons: [] });
    expect(await hello(clone(), "staging")).toMatchObject({ environment: "staging" });
  });

  test("a service that was removed by hand is made again", async () => {
    await docker("-H", engineAddress(clone(), "staging"), "service", "rm", "staging_app");
    await up("staging");
    expect(await hello(clone(), "staging")).toMatchObject({ environment: "staging" });
  });

  test("a node that was removed by hand is made again and has its services", async () => {
    const label = `label=slipway.instance=${await clone().instance()}`;
    const nodes = await docker("ps", "--filter", label, "--filter", "name=-staging-1$", "--quiet");
    expect(nodes).toHaveLength(1);
    await docker("rm", "--force", ...nodes);
    await up("staging");
    expect(await staging()).toMatchObject({ state: "healthy" });
    expect(await hello(clone(), "staging")).toMatchObject({ environment: "staging" });
  });
}
