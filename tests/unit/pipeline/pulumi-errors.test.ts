import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, test } from "vitest";

import { PulumiCommandError } from "../../../pipeline/pulumi-command.ts";
import { diagnosticOf, explain, locksOf, resourceTitle, stackIsMissing } from "../../../pipeline/pulumi-errors.ts";

const failed = (output: string) => new PulumiCommandError(["up"], output);
const urn = "urn:pulumi:staging::slipway::slipway:infra:Service$docker:index/service:Service::app-service";
const stackUrn = "urn:pulumi:staging::slipway::pulumi:pulumi:Stack::slipway-staging";

const diagnostic = (message: string, of = urn, severity: "error" | "warning" = "error"): EngineEvent => ({
  sequence: 1,
  timestamp: 1,
  diagnosticEvent: { message, urn: of, severity, color: "never" },
});

const locked = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///x/.pulumi/locks/organization/slipway/staging/e3.json?no_tmp_dir=true: created by root@vm (pid 5681) at 2026-11-24T07:52:47Z`;

test("an error inside an output is told without the properties that it passed through", () => {
  const message = 'error serializing property "host": error serializing property "envs": run: pulumi up -s delivery';
  expect(diagnosticOf(diagnostic(message, stackUrn))).toEqual({ message: "run: pulumi up -s delivery" });
});

test("what a task has logged is told as it is, but for stack traces", () => {
  const logged = '    {"message":"migration failed","reason":"relation \\"nowhere\\" does not exist"}';
  const message = `staging_migrate: its task did not end well\n  its last log lines:\n${logged}\n    Error: no\n        at x (y.ts:1:2)\n\n`;
  expect(diagnosticOf(diagnostic(message, stackUrn))?.message.split("\n").slice(2)).toEqual([logged, "    Error: no"]);
});

test("a stack that is missing is told from other failures", () => {
  expect(stackIsMissing(failed("error: no stack named 'nope' found"))).toBe(true);
  expect(stackIsMissing(failed("error: incorrect passphrase"))).toBe(false);
});

test("a lock names who holds it and since when", () => {
  const since = new Date("2026-11-24T07:52:47Z");
  expect(locksOf(failed(locked))).toEqual([{ user: "root", host: "vm", pid: 5681, since }]);
});

test("another failure is no lock", () => {
  expect(locksOf(failed("error: update failed"))).toEqual([]);
});

test.each([
  ["a resource by its type and name", urn, "Service app-service"],
  ["nothing for the stack itself", stackUrn, undefined],
  ["nothing for an event without a resource", undefined, undefined],
])("a resource's title is %s", (_, of, expected) => {
  expect(resourceTitle(of)).toBe(expected);
});

describe("a diagnostic", () => {
  test.each([
    ["drops colours", "<{%fg 1%}>boom<{%reset%}>", "boom"],
    ["drops the frame around one error", "1 error occurred:\n\t* boom\n\n", "boom"],
    [
      "drops stack traces and names of error classes",
      "Running program '/x/index.ts' failed with an unhandled exception:\nRolloutError: staging_app: paused\n    at file:///x.ts:1:2\n",
      "staging_app: paused",
    ],
    [
      "drops where in the provider it arose",
      "  sdk-v2/provider2.go:571: sdk.helper_schema: Error removing network x: in use: provider=docker@5.2.0",
      "Error removing network x: in use",
    ],
    [
      "drops the URN, which its resource tells better",
      `deleting ${urn}: 1 error occurred:\n\t* Error removing network x: in use\n\n`,
      "Error removing network x: in use",
    ],
    ["escapes control characters", "a\x1b[2Jb\rc", "ab\\x0dc"],
  ])("%s", (_, message, expected) => {
    expect(diagnosticOf(diagnostic(message))?.message).toBe(expected);
  });

  test.each(["update failed", "update canceled", "preview failed", ""])(
    "is left out when it only says %j",
    (message) => {
      expect(diagnosticOf(diagnostic(message))).toBeUndefined();
    },
  );

  test("that is a warning is no error", () => {
    expect(diagnosticOf(diagnostic("careful", urn, "warning"))).toBeUndefined();
  });
});

describe("a failed update", () => {
  test.each([
    [
      "Error response from daemon: driver failed programming external connectivity on endpoint x: Bind for 127.0.0.1:8080 failed: port is already allocated",
      "a port that it publishes is already taken",
      /slipway:port/,
    ],
    ["write /var/lib/docker/tmp/x: no space left on device", "no space is left on the disk", /docker system df/],
    [
      "Error pinging Docker server: Cannot connect to the Docker daemon at unix:///x/docker.sock. Is the docker daemon running?",
      "the Docker engine does not answer",
      /docker info/,
    ],
    ["Pool overlaps with other one on this address space", "its network overlaps", /slipway:subnet/],
    ["no resource plugin 'pulumi-resource-docker' found in the workspace", "Pulumi's plugin", /doctor/],
  ])("with %j says why and what to do", (message, reason, next) => {
    const explained = explain([{ resource: "Container staging-1", message }], failed(""));
    expect(explained.reason).toContain("Container staging-1: ");
    expect(explained.reason).toContain(reason.slice(0, 12));
    expect(explained.next).toMatch(next);
    expect(explained.details.join("\n")).toContain(message);
  });

  test("that nobody knows is told as the first error, with all of them as details", () => {
    const all = [{ resource: "Service app", message: "one\nmore" }, { message: "one\nmore" }, { message: "two" }];
    expect(explain(all, failed(""))).toEqual({
      reason: "Service app: one",
      details: ["Service app: one", "more", "two"],
    });
  });

  test("without events is told from what Pulumi printed", () => {
    const printed = failed("error: getting stack configuration: get stack secrets manager: incorrect passphrase\n");
    expect(explain([], printed).reason).toBe("the passphrase does not open this stack's secrets");
  });

  test("that says nothing at all says so", () => {
    expect(explain([], failed("")).reason).toBe("Pulumi failed without saying why");
  });
});
