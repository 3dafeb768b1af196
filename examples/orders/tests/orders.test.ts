import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, type Queue } from "../src/orders.ts";

function inMemory(): Queue & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    add: async (order) => void all.set(order, "waiting"),
    stateOf: async (order) => all.get(order),
  };
}

test("an order waits until it is done", async () => {
  const queue = inMemory();
  assert.equal((await answer(queue, "PUT", "/orders/tea", false)).status, 202);
  assert.deepEqual((await answer(queue, "GET", "/orders/tea", false)).body, { id: "tea", state: "waiting" });
  queue.all.set("tea", "done");
  assert.equal((await answer(queue, "GET", "/orders/tea", false)).body.state, "done");
});

test("an order that nobody made is not there", async () => {
  assert.equal((await answer(inMemory(), "GET", "/orders/tea", false)).status, 404);
  assert.equal((await answer(inMemory(), "PUT", "/orders/../etc", false)).status, 404);
});

test("who stops says so", async () => {
  assert.equal((await answer(inMemory(), "GET", "/orders/health", true)).status, 503);
});
