import { expect, test } from "vitest";

import { seconds, timed, waitFor } from "../../../setup/progress.ts";

test.for([
  [40, "0.0 s"],
  [1_250, "1.3 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [220_400, "220 s"],
] as const)("%i ms read as %s", ([milliseconds, text]) => {
  expect(seconds(milliseconds)).toBe(text);
});

test("what takes time is reported when it begins and when it is done", async () => {
  const lines: string[] = [];
  expect(
    await timed(
      (line) => lines.push(line),
      "Thinking",
      async () => 42,
    ),
  ).toBe(42);
  expect(lines).toEqual(["Thinking …", expect.stringMatching(/^Thinking: done in \d+\.\d s$/)]);
});

test("waiting ends with the first answer", async () => {
  const answers = [undefined, "there"];
  expect(await waitFor(async () => answers.shift(), 5_000)).toBe("there");
});

test("waiting ends without an answer when the time is over", async () => {
  expect(await waitFor(async () => undefined, 0)).toBeUndefined();
});
