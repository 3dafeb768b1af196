import { expect, test } from "vitest";

import { facts } from "../facts.ts";

const [address] = facts.addresses;

test("an order that is taken is handled", async () => {
  const order = `${address}/orders/${crypto.randomUUID()}`;
  expect((await fetch(order, { method: "PUT" })).status).toBe(202);
  await expect.poll(async () => (await fetch(order)).json(), { timeout: 20_000 }).toMatchObject({ state: "done" });
});

test("an order that nobody made is not there", async () => {
  expect((await fetch(`${address}/orders/nobody-made-it`)).status).toBe(404);
});
