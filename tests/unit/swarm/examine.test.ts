import { expect, test } from "vitest";

import { examine } from "../../../swarm/examine.ts";
import { type Answers, anEngine } from "./an-engine.ts";

const manager = { LocalNodeState: "active", ControlAvailable: true };
const info = (changes: object = {}) => ({ SystemTime: new Date().toISOString(), Swarm: manager, ...changes });
const version = { Version: "27.3.1", ApiVersion: "1.47" };
const whole = (): Answers => ({ version, info: info(), nodes: [{ ID: "n1" }] });

const examined = async (answers: Answers) => examine(`unix://${(await anEngine(answers)).socket}`);

test("a manager is told with its nodes", async () => {
  expect(await examined(whole())).toMatchObject({ version: "27.3.1", nodes: [{ ID: "n1" }] });
});

const hourAgo = (): string => new Date(Date.now() - 3_600_000).toISOString();

test.each<[string, Answers, RegExp]>([
  ["an engine too old", { version: { Version: "19.03.15", ApiVersion: "1.40" } }, /Docker 19\.03\.15 is too old/],
  ["one in no Swarm", { info: info({ Swarm: { LocalNodeState: "inactive" } }) }, /is in no Swarm/],
  ["a worker", { info: info({ Swarm: { LocalNodeState: "active", ControlAvailable: false } }) }, /is no manager/],
  ["a locked Swarm", { info: info({ Swarm: { LocalNodeState: "locked" } }) }, /is locked/],
  ["a clock that is behind", { info: info({ SystemTime: hourAgo() }) }, /clock is 3600 s behind/],
  ["no quorum", { nodes: 503, "nodes says": "The swarm does not have a leader." }, /has no quorum/],
  ["no permission", { nodes: 403 }, /forbids this user/],
])("%s is told", async (_, changes, why) => {
  expect(await examined({ ...whole(), ...changes })).toMatchObject({ why: expect.stringMatching(why) });
});

test("an engine that is not there is told", async () => {
  expect(await examine("unix:///nowhere/docker.sock")).toMatchObject({ why: "its socket is not there" });
});
