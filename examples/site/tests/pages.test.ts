import assert from "node:assert/strict";
import { test } from "node:test";

import { page } from "../src/pages.mjs";

test("each site has a page of its own", () => {
  assert.deepEqual(page("docs", "/", false), [200, "This is docs\n"]);
  assert.equal(page("docs", "/x", false)[0], 404);
});

test("who stops says so", () => {
  assert.equal(page("docs", "/health", false)[0], 200);
  assert.equal(page("docs", "/health", true)[0], 503);
});
