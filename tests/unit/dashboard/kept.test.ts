import { expect, test } from "vitest";

import { Kept } from "../../../dashboard/kept.ts";

test("the last one is given while it is read again, and a change is told once", async () => {
  let now = 1;
  let told = 0;
  const kept = new Kept(
    () => Promise.resolve({ now }),
    () => told++,
  );
  expect(await kept.value()).toEqual({ now: 1 });
  await kept.refresh();
  expect(told).toBe(0);
  now = 2;
  const reading = kept.refresh();
  expect(await kept.value()).toEqual({ now: 1 });
  await reading;
  expect(await kept.value()).toEqual({ now: 2 });
  expect(told).toBe(1);
});

test("who asks while it is read gets what is read after that", async () => {
  const answers: ((value: number) => void)[] = [];
  const kept = new Kept(
    () => new Promise<number>((resolve) => answers.push(resolve)),
    () => {},
  );
  const first = kept.refresh();
  const second = kept.refresh();
  answers[0]?.(1);
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.(2);
  expect(await second).toBe(2);
  expect(await first).toBe(2);
});

test("a read that fails is told to who asked, and the next one is another", async () => {
  let fails = true;
  const kept = new Kept(
    () => (fails ? Promise.reject(new Error("no answer")) : Promise.resolve(1)),
    () => {},
  );
  await expect(kept.value()).rejects.toThrow("no answer");
  fails = false;
  expect(await kept.value()).toBe(1);
});
