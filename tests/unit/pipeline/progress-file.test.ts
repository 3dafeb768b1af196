import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { ProgressEvent } from "../../../pipeline/events.ts";
import { present } from "../../../pipeline/presence.ts";
import { announce, followable, followedIn, followedRuns } from "../../../pipeline/progress-file.ts";
import type { PromotionResult } from "../../../pipeline/promotion-result.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const commit = "a".repeat(40);
const step = { number: 2, name: "unit tests" };
const result = { commit, outcome: "ready" } as PromotionResult;

test("a run can be followed from another process while it goes on, and is told as ever", async () => {
  const folder = await temporaryFolder();
  const told: ProgressEvent[] = [];
  const seen: unknown[] = [];
  await followable(
    { commit },
    (event) => told.push(event),
    async (progress) => {
      progress({ type: "step-started", step, log: "2-unit-tests.log" });
      progress({ type: "detail", text: "12 of 30" });
      seen.push(...(await followedRuns(folder)));
      progress({ type: "step-ended", step: { ...step, outcome: "failed", seconds: 2, reason: "3 failed" } });
      progress({ type: "note", text: "prodlike went back" });
      return result;
    },
    folder,
  );
  expect(told.map(({ type }) => type)).toEqual(["step-started", "detail", "step-ended", "note"]);
  expect(seen).toMatchObject([{ commit, doing: "12 of 30", steps: [{ ...step, outcome: "running" }] }]);
  const [run] = await followedRuns(folder);
  expect(run).toMatchObject({
    outcome: "ready",
    notes: ["prodlike went back"],
    steps: [{ number: 2, outcome: "failed", seconds: 2, reason: "3 failed" }],
  });
  expect(run).not.toHaveProperty("doing");
});

test("a run that throws was stopped, with its reason", async () => {
  const folder = await temporaryFolder();
  const broken = followable(
    { commit },
    () => {},
    () => Promise.reject(new Error("Interrupted")),
    folder,
  );
  await expect(broken).rejects.toThrow("Interrupted");
  expect(await followedRuns(folder)).toMatchObject([{ outcome: "stopped", reason: "Interrupted" }]);
});

test("a run whose process is gone was stopped, and a half line or an unknown one is passed over", async () => {
  const folder = await temporaryFolder();
  let text = "";
  await followable(
    { commit },
    () => {},
    async (progress) => {
      progress({ type: "step-started", step, log: "2-unit-tests.log" });
      const file = join(folder, `${commit}.jsonl`);
      await appendFile(file, '{"at":"2026-01-01T00:00:00.000Z","type":"of tomorrow"}\n{"at":"2026');
      text = await readFile(file, "utf8");
      return result;
    },
    folder,
  );
  expect(followedIn(text, () => true)).not.toHaveProperty("outcome");
  expect(followedIn(text, () => false)).toMatchObject({ outcome: "stopped", reason: expect.stringContaining("ended") });
  expect(followedIn("", () => true)).toBeUndefined();
});

test("a folder that cannot be written stops no run", async () => {
  const file = join(await temporaryFolder(), "file");
  await appendFile(file, "no folder");
  expect(
    await followable(
      { commit },
      () => {},
      () => Promise.resolve(result),
      file,
    ),
  ).toBe(result);
});

test("a run is there from when it is started, and one that goes on is not overwritten", async () => {
  const folder = await temporaryFolder();
  await announce({ commit }, present(), folder);
  const [run] = await followedRuns(folder);
  expect(run).toMatchObject({ commit, steps: [] });
  await followable(
    { commit },
    () => {},
    async (progress) => {
      progress({ type: "step-started", step, log: "2-unit-tests.log" });
      await announce({ commit }, present(), folder);
      return result;
    },
    folder,
  );
  expect(await followedRuns(folder)).toMatchObject([{ outcome: "ready", steps: [{ number: 2 }] }]);
});
