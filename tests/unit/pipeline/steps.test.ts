import { readdirSync } from "node:fs";
import { expect, test } from "vitest";

import { steps } from "../../../pipeline/steps/index.ts";
import { projectRoot } from "../../../settings/project.ts";

test("the nine steps are in order", () => {
  expect(steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("each step is one file, named by its number", () => {
  const files = readdirSync(`${projectRoot}/pipeline/steps`).filter((name) => /^\d/.test(name));
  expect(files.map((name) => Number(name[0])).sort()).toEqual(steps.map(({ number }) => number));
});

test("nothing before step 8 touches production", () => {
  const touching = steps.filter(({ environment }) => environment === "production").map(({ number }) => number);
  expect(touching).toEqual([8, 9]);
});
