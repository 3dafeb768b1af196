import { expect, test } from "vitest";

import { commandsWith, optionsText } from "../../../cli/typed-commands.ts";

const options = optionsText({ source: "../shop", description: undefined });

test.each([
  ["npm run promote", "npm run promote -- --source ../shop"],
  ["npm run promote -- HEAD~1", "npm run promote -- --source ../shop HEAD~1"],
  ["npm run promote (makes it)", "npm run promote -- --source ../shop (makes it)"],
  ["npm run promote -- status, then", "npm run promote -- status --source ../shop, then"],
  ["npm run promote -- rollback production abc", "npm run promote -- rollback --source ../shop production abc"],
  ['eval "$(npm run -s promote -- env)"', 'eval "$(npm run -s promote -- env --source ../shop)"'],
  ["npm run promote -- doctor (says how)", "npm run promote -- doctor (says how)"],
  ["npm run promote -- --source . now", "npm run promote -- --source . now"],
])("%s becomes about the application", (text, expected) => {
  expect(commandsWith(text, options)).toBe(expected);
});

test("a folder's name is never more than a word", () => {
  expect(optionsText({ source: "a b';x" })).toBe(`--source 'a b'\\'';x'`);
});
