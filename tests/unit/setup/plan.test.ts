import { expect, test } from "vitest";

import { planText } from "../../../setup/plan.ts";

test("a plan names what is installed and where, each thing once", () => {
  const go = { what: "Go, only if something must be built", where: "/home/me/go" };
  const lines = planText([{ what: "Pulumi CLI 3", where: "/home/me/.pulumi" }, go, go]);
  expect(lines).toEqual([
    "Missing on this machine, and about to be installed outside the project:",
    "  Pulumi CLI 3, into /home/me/.pulumi",
    "  Go, only if something must be built, into /home/me/go",
  ]);
});
