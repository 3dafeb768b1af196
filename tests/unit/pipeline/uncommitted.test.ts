import { expect, test } from "vitest";

import { uncommittedNotes } from "../../../pipeline/uncommitted.ts";

test("nothing is said of a clean tree", () => {
  expect(uncommittedNotes([])).toEqual([]);
});

test("what is not delivered is told apart from what is used all the same", () => {
  const notes = uncommittedNotes(["demo/src/routes.ts", "Pulumi.production.yaml", "Pulumi.delivery.yaml"]);
  expect(notes).toHaveLength(2);
  expect(notes[0]).toContain("Not delivered, because not committed: demo/src/routes.ts, Pulumi.production.yaml");
  expect(notes[1]).toMatch(/yet used.*Pulumi\.delivery\.yaml/);
});

test("a long list is cut", () => {
  const files = Array.from({ length: 8 }, (_, index) => `demo/file-${index}`);
  expect(uncommittedNotes(files)[0]).toContain("demo/file-4 and 3 more");
});
