import { expect, test } from "vitest";

import { watchLines } from "../../../../cli/render/watch.ts";
import type { WatchEvent } from "../../../../pipeline/watch/events.ts";

const commit = "0123456789".repeat(4);
const at = new Date("2027-01-31T12:00:00Z");
const lines = (event: WatchEvent): string => watchLines(event, at).join("\n");

test("every event is one line with its time", () => {
  const branch = { name: "main", remote: "origin" };
  expect(lines({ type: "watching", branch, interval: 30, every: false, continuous: false })).toBe(
    "2027-01-31 12:00:00 UTC  Following main of origin, every 30 s: the newest commit is delivered up to the button",
  );
});

test("a release that is ready comes with the command that approves it", () => {
  expect(lines({ type: "ended", commit, conclusion: "ready", description: "Ready for production" })).toContain(
    "npm run promote -- approve 012345678901",
  );
});

test("a commit that is not tried again comes with the command that tries it", () => {
  expect(lines({ type: "known", commit, conclusion: "failed" })).toContain("npm run promote -- 012345678901");
});

test("nothing that others wrote moves the cursor or makes a line of its own", () => {
  const hostile = "\u001b[2Jone\r\n2027-01-31 12:00:00 UTC  two\u202e<b>";
  for (const event of [
    { type: "delivering", commit, subject: hostile },
    { type: "output", commit, text: hostile },
    { type: "statuses", text: hostile },
  ] as const) {
    expect(lines(event)).not.toMatch(/[\u0000-\u001f\u202e]/);
  }
});

test("what says nothing is no line", () => {
  expect(watchLines({ type: "output", commit, text: "  " }, at)).toEqual([]);
});
