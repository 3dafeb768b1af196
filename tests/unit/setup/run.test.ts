import { expect, test } from "vitest";

import { attempt, pipe, run, tailOf, which } from "../../../setup/run.ts";

const node = process.execPath;

test("a program's last lines are kept", () => {
  const lines = Array.from({ length: 40 }, (_, index) => String(index));
  expect(tailOf(lines.join("\n"))).toBe(lines.slice(-15).join("\n"));
});

test("a program that is not there is a failure, not a fault", async () => {
  const outcome = await attempt("slipway-has-no-such-program", []);
  expect(outcome.ok).toBe(false);
  expect(outcome.tail).toContain("slipway-has-no-such-program");
});

test("a program that must succeed throws what it printed and what to do next", async () => {
  const failing = run(node, ["-e", "console.error('why'); process.exit(3)"], "do this");
  await expect(failing).rejects.toMatchObject({ message: expect.stringContaining("why"), next: "do this" });
});

test("a program is stopped when its time is over", async () => {
  expect((await attempt(node, ["-e", "setTimeout(() => {}, 60000)"], { timeout: 200 })).ok).toBe(false);
});

const print = [node, ["-e", "process.stdout.write('text')"]] as const;
const check = [
  node,
  ["-e", "process.stdin.on('data', (text) => process.exit(String(text) === 'text' ? 0 : 1))"],
] as const;
const fail = [node, ["-e", "process.stdin.resume(); console.error('why'); process.exit(1)"]] as const;

test("a pipe carries what one program prints into another", async () => {
  await pipe(print, check, "");
});

test.for([
  ["first", fail, check],
  ["second", print, fail],
] as const)("a pipe fails when its %s program does", async ([, from, into]) => {
  await expect(pipe(from, into, "do this")).rejects.toMatchObject({ next: "do this" });
});

test("programs are found where a shell finds them", async () => {
  expect(await which("sh")).toMatch(/\/sh$/);
  expect(await which("slipway-has-no-such-program")).toBeUndefined();
});
