import { expect, test } from "vitest";

import { planText } from "../../../setup/plan.ts";

test("a plan names each part, what it is and where it goes", () => {
  const lines = planText([
    { name: "Docker Engine", changes: [{ what: "Debian's docker.io", where: "the system" }] },
    { name: "Pulumi CLI", changes: [{ what: "Pulumi CLI 3", where: "/home/me/.pulumi" }] },
  ]);
  expect(lines).toEqual([
    "Missing on this machine, and about to be installed outside the project:",
    "  Docker Engine: Debian's docker.io (into the system)",
    "  Pulumi CLI: Pulumi CLI 3 (into /home/me/.pulumi)",
  ]);
});
