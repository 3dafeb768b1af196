import { beforeAll, expect, test } from "vitest";

import type { History, HistoryEntry } from "../../../pipeline/history.ts";
import type { Clone } from "../../support/clone.ts";

const failedAt = ({ run }: HistoryEntry): number | undefined =>
  run?.steps.find(({ outcome }) => outcome === "failed")?.number;

/** What the parts before this one did is told as what it was. */
export function history(clone: () => Clone): void {
  let all: History;
  let production: History;
  let staging: History;

  const read = async (...args: string[]): Promise<History> => {
    const run = await clone().promote("history", ...args, "--limit", "500", "--json");
    expect(run.exitCode, run.stderr).toBe(0);
    return JSON.parse(run.stdout);
  };
  beforeAll(async () => {
    [all, production, staging] = [await read(), await read("production"), await read("staging")];
  });

  test("every run is there, signed by this clone, with who ran it and how long each step took", () => {
    expect(all.flawed).toEqual([]);
    expect(all.entries.length).toBeGreaterThan(10);
    for (const { run } of all.entries) {
      expect(run).toMatchObject({ signer: "this clone", application: "demo", author: "System Test" });
      expect(run?.runBy).toContain("@");
    }
    const promotions = all.entries.filter(({ kind }) => kind === "promotion");
    for (const { run } of promotions)
      expect(run?.steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const passed = promotions.flatMap(({ run }) => run?.steps.filter(({ outcome }) => outcome === "passed") ?? []);
    for (const { seconds } of passed) expect(seconds).toBeGreaterThan(0);
  });

  test("a failed run has the step that said no, and why", () => {
    const [unitTests] = all.entries.filter((entry) => failedAt(entry) === 2);
    expect(unitTests?.run).toMatchObject({ outcome: "failed", subject: "Break it" });
    expect(unitTests?.run?.steps[1]?.reason).toContain("unit tests failed");
    const [crash] = production.entries.filter((entry) => failedAt(entry) === 8 && entry.kind === "promotion");
    expect(crash).toMatchObject({ update: { result: "failed" }, run: { wentBack: { outcome: "restored" } } });
  });

  test("production is told with what went back, by itself and by hand, and who approved", () => {
    const back = production.entries.filter(({ kind }) => kind === "going back");
    expect(back.map(({ run }) => run?.kind)).toEqual(expect.arrayContaining(["promotion", "rollback"]));
    const approved = production.entries.find(({ run }) => run?.decisions?.length === 2);
    expect(approved?.run?.outcome).toBe("deployed");
    expect(approved?.run?.decisions?.map(({ by }) => by)).toEqual([
      expect.stringMatching(/^ann \(.*@/),
      expect.stringMatching(/^bob \(.*@/),
    ]);
    expect(approved?.run?.override?.reason).toBe("the law wants it");
    const glass = production.entries.find(({ run }) => run?.brokenGlass?.reason === "the shop is down");
    expect(glass?.run).toMatchObject({ outcome: "deployed" });
  });

  test("what was done with pulumi by hand is told with a name", () => {
    const byHand = staging.entries.find(({ kind }) => kind === "by hand");
    expect(byHand?.update?.runBy).toContain("@");
  });

  test("DORA's figures are of these runs, and a day that is not over yet has no frequency", () => {
    const { dora } = production;
    expect(dora?.deploymentFrequency).toBeNull();
    expect(dora?.deployments).toBeGreaterThan(4);
    expect(dora?.failed).toBeGreaterThan(2);
    expect(dora?.failed).toBeLessThan(dora?.deployments ?? 0);
    expect(dora?.changeLeadTime?.seconds).toBeGreaterThan(0);
    expect(dora).toMatchObject({ notRecovered: 0, failedDeploymentRecoveryTime: { of: dora?.failed } });
  });

  inWords(clone);
}

function inWords(clone: () => Clone): void {
  test("people are told the same in words", async () => {
    const { stdout } = await clone().promote("history", "production", "--limit", "500");
    expect(stdout).toMatch(/✗ .* UTC +failed 8\/9 +demo /);
    expect(stdout).toMatch(/✓ .* UTC +went back +demo .* by .*@/);
    expect(stdout).toMatch(/change fail percentage +\d+ % \(\d+ of \d+ deployments\)/);
  });
}
