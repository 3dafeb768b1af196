import { expect, test } from "vitest";

import { facts } from "../facts.ts";

test.each(facts.addresses)("%s serves the release", async (address) => {
  const response = await fetch(`${address}/orders/health`);
  expect(response.status).toBe(200);
  expect(response.headers.get("x-release")).toBe(facts.release.commit);
});

test("a hundred orders are handled within ten seconds", async () => {
  const [address] = facts.addresses;
  const orders = Array.from({ length: 100 }, () => `${address}/orders/${crypto.randomUUID()}`);
  await Promise.all(orders.map((order) => fetch(order, { method: "PUT" })));
  const done = async () => {
    const all = await Promise.all(
      orders.map(async (order) => ((await (await fetch(order)).json()) as { state: string }).state),
    );
    return all.filter((state) => state === "done").length;
  };
  await expect.poll(done, { timeout: 10_000 }).toBe(100);
});
