import { describe, expect, test } from "vitest";

import type { Host } from "../../../settings/hosts.ts";
import { type Action, labelsOf, type Member, planHosts, QuorumError } from "../../../swarm/hosts-plan.ts";

const host = (name: string, changes: Partial<Host> = {}): Host => ({
  at: `ssh://root@${name}`,
  address: "10.0.0.1",
  role: "worker",
  data: false,
  labels: {},
  availability: "active",
  ...changes,
});
const manager = (name: string, changes: Partial<Host> = {}) => host(name, { role: "manager", ...changes });

/** The node that a host was made, as it was then. */
const member = (one: Host, changes: Partial<Member> = {}): Member => ({
  id: one.at.slice("ssh://root@".length),
  host: one.at,
  role: one.role,
  availability: one.availability,
  labels: labelsOf(one),
  up: true,
  ...changes,
});

const short = (action: Action): string => {
  if (action.kind === "take in") return `+${action.host.at.slice("ssh://root@".length)}`;
  return action.kind === "set" ? `=${action.id}` : `-${action.id}`;
};
const plan = (hosts: Host[], members: Member[]): string[] => planHosts(hosts, members).map(short);

const [a, b, c, d] = [manager("a"), manager("b"), manager("c"), host("d")];
const three = [a, b, c].map((one) => member(one));

test("hosts that are as they are to be are left alone, whatever else is in the Swarm", () => {
  const foreign = { ...member(host("x")), host: undefined };
  expect(plan([a, b, c, d], [...three, member(d), foreign])).toEqual([]);
});

test("a Swarm is made of all of them, managers first", () => {
  expect(plan([d, a, b, c], [])).toEqual(["+a", "+b", "+c", "+d"]);
});

describe("a change", () => {
  test.each<[string, Host[], Member[], string[]]>([
    ["a host added", [a, b, c, d], three, ["+d"]],
    ["a host removed", [a, b, c], [...three, member(d)], ["-d"]],
    ["another label", [a, b, c, { ...d, labels: { disk: "ssd" } }], [...three, member(d)], ["=d"]],
    ["a label taken away", [a, b, c, d], [...three, member(d, { labels: { ...labelsOf(d), by: "hand" } })], ["=d"]],
    ["another availability", [a, b, c, { ...d, availability: "drain" }], [...three, member(d)], ["=d"]],
    ["a host that keeps data", [a, b, c, { ...d, data: true }], [...three, member(d)], ["=d"]],
    ["a lost worker replaced", [a, b, c, d], [...three, member(d, { id: "lost", up: false })], ["+d", "-lost"]],
    [
      "a lost manager replaced",
      [a, b, c],
      [...three.slice(0, 2), member(c, { id: "lost", up: false })],
      ["+c", "-lost"],
    ],
    [
      "a predecessor that is still known",
      [a, b, c, d],
      [...three, member(d), member(d, { id: "old", up: false })],
      ["-old"],
    ],
    ["a manager for another", [a, b, manager("e")], three, ["+e", "-c"]],
    [
      "two roles exchanged",
      [a, b, { ...c, role: "worker" }, { ...d, role: "manager" }],
      [...three, member(d)],
      ["=d", "=c"],
    ],
    ["three managers to one", [a], three, ["-b", "-c"]],
  ])("%s", (_, hosts, members, actions) => {
    expect(plan(hosts, members)).toEqual(actions);
  });
});

describe("what would leave no majority of the managers is refused", () => {
  const oneDown = [member(a), member(b), member(c, { up: false })];

  test("as removing one while another is down", () => {
    const refused = () => planHosts([a, c], oneDown, new Set([c.at]));
    expect(refused).toThrow(QuorumError);
    expect(refused).toThrow("Removing ssh://root@b would leave 1 of 2 managers up");
  });

  test("as making a worker of one while another is down", () => {
    const lostStays = [member(a), member(b), member(manager("x"), { up: false, host: undefined })];
    expect(() => planHosts([a, { ...b, role: "worker" }], lostStays)).toThrow(
      "Making ssh://root@b a worker would leave 1 of 2 managers up",
    );
  });

  test("but one that is replaced in the same go counts", () => {
    expect(plan([a, c], oneDown)).toEqual(["+c", "-c", "-b"]);
  });

  test("but a lost one may be removed, and then another", () => {
    expect(plan([a], oneDown)).toEqual(["-c", "-b"]);
  });
});
