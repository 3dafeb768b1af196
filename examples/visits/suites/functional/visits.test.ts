import { expect, test } from "vitest";

import { facts } from "../facts.ts";

test("visits are counted", async () => {
  const visits = async () => ((await (await fetch(`${facts.addresses[0]}/`)).json()) as { visits: number }).visits;
  const before = await visits();
  expect(await visits()).toBeGreaterThan(before);
});
