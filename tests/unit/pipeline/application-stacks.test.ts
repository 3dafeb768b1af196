import { expect, test } from "vitest";

import { partsOf } from "../../../pipeline/application-stacks.ts";

test("an application's stack says whose it is and where", () => {
  expect(partsOf("shop.production")).toEqual({ application: "shop", environment: "production" });
});

test.each(["production", "delivery", "shop.elsewhere", ".production", "shop.production.old"])(
  "%s is another kind of stack",
  (stack) => {
    expect(partsOf(stack)).toBeUndefined();
  },
);
