import { expect, test } from "vitest";

import { shared } from "../../../dashboard/shared.ts";

test("those who ask together get one answer, of after they asked", async () => {
  let worked = 0;
  const ends: (() => void)[] = [];
  const ask = shared(async () => {
    worked++;
    const mine = worked;
    await new Promise<void>((resolve) => ends.push(resolve));
    return mine;
  });
  const first = ask();
  const [second, third] = [ask(), ask()];
  expect(worked).toBe(1);
  ends[0]?.();
  expect(await first).toBe(1);
  await new Promise(setImmediate);
  expect(worked).toBe(2);
  const late = ask();
  ends[1]?.();
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  await new Promise(setImmediate);
  ends[2]?.();
  expect(await late).toBe(3);
});

test("who asks after a failure is answered, and who asked for it is told", async () => {
  let worked = 0;
  const ask = shared(async () => {
    worked++;
    await new Promise(setImmediate);
    if (worked === 1) throw new Error("not now");
    return worked;
  });
  const first = ask();
  const second = ask();
  await expect(first).rejects.toThrow("not now");
  expect(await second).toBe(2);
  expect(await ask()).toBe(3);
});
