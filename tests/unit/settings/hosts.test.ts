import { describe, expect, test } from "vitest";

import { clusterSchema } from "../../../settings/cluster.ts";

const first = { at: "ssh://root@10.0.0.11", role: "manager", data: true };

const messages = (value: unknown): string[] =>
  (clusterSchema.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);

test("a host's address is the one that it is reached at, where that is an IP address", () => {
  expect(clusterSchema.parse([first])).toEqual({
    kind: "hosts",
    hosts: [{ ...first, address: "10.0.0.11", labels: {}, availability: "active" }],
  });
});

describe("every wrong list of hosts names what was expected", () => {
  test.each<[string, unknown[], string]>([
    ["an unknown key", [{ ...first, rol: "x" }], '0: Unrecognized key: "rol"'],
    ["no SSH address", [{ ...first, at: "10.0.0.11" }], "0.at: ssh://user@host"],
    ["a shell in it", [{ ...first, at: "ssh://root@h;reboot" }], "0.at: ssh://user@host"],
    [
      "a name without an address",
      [{ ...first, at: "ssh://h" }],
      "0.address: the IP address at which the other hosts reach it",
    ],
    ["a wrong role", [{ ...first, role: "leader" }], "0.role: manager or worker"],
    ["a wrong availability", [{ ...first, availability: "off" }], "0.availability: active, pause or drain"],
    [
      "a label of ours",
      [{ ...first, labels: { "slipway.host": "x" } }],
      "0.labels: labels of your own, such as { disk: ssd }",
    ],
    [
      "no manager",
      [{ ...first, role: "worker" }],
      ": an odd number of managers, since an even one survives no more failures than one fewer",
    ],
    [
      "two that keep data",
      [first, { at: "ssh://10.0.0.12", data: true }],
      ": exactly one host with data: true, on which databases keep theirs",
    ],
    [
      "none that keeps data",
      [{ ...first, data: false }],
      ": exactly one host with data: true, on which databases keep theirs",
    ],
    ["one twice", [first, { ...first, role: "worker", data: false }], ": each host once"],
    ["none", [], ": an odd number of managers, since an even one survives no more failures than one fewer"],
  ])("%s", (_, value, message) => {
    expect(messages(value)).toContain(message);
  });
});
