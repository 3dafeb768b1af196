import assert from "node:assert/strict";
import { test } from "node:test";

import { answer } from "../src/visits.mjs";

test("each visit counts", async () => {
  let visits = 0;
  const count = async () => ++visits;
  assert.deepEqual(await answer(count, "/", false), [200, { visits: 1 }]);
  assert.deepEqual(await answer(count, "/", false), [200, { visits: 2 }]);
});

test("a health check is no visit", async () => {
  const count = () => assert.fail();
  assert.deepEqual(await answer(count, "/health", false), [200, { state: "ok" }]);
  assert.equal((await answer(count, "/health", true))[0], 503);
});
