import { expect, test } from "vitest";

import { parseHistory } from "../../../pipeline/stack-history.ts";

const entry = {
  version: 3,
  kind: "update",
  startTime: "2026-01-31T12:00:00.000Z",
  message: "demo 0123456789ab",
  environment: { "exec.kind": "auto.local", "git.head": "a" },
  config: { "slipway:certificate": { secret: true } },
  result: "succeeded",
  endTime: "2026-01-31T12:00:07.000Z",
  resourceChanges: { same: 40, update: 2, refresh: 1 },
};

test("what Pulumi prints is read, without configuration", () => {
  expect(parseHistory([entry])).toEqual([
    {
      kind: "update",
      startedOn: new Date(entry.startTime),
      finishedOn: new Date(entry.endTime),
      result: "succeeded",
      message: "demo 0123456789ab",
      byHand: false,
      changes: { update: 2 },
    },
  ]);
});

test("what a person did with pulumi is told apart, with their name where their shell says it", () => {
  const byHand = { ...entry, environment: { "exec.kind": "cli", "exec.agent": "ann@home" } };
  expect(parseHistory([byHand])).toMatchObject([{ byHand: true, runBy: "ann@home" }]);
  const { message: _, environment: __, resourceChanges: ___, ...bare } = entry;
  expect(parseHistory([bare])).toMatchObject([{ byHand: false, message: "", changes: {} }]);
});
