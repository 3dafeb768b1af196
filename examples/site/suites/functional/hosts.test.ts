import { expect, test } from "vitest";

import { facts } from "../facts.ts";
import { get } from "../get.ts";

const [address = ""] = facts.addresses;

test.each(["www", "docs"])("%s is shown to who asks for its host", async (site) => {
  expect(await get(address, `${site}.example.org`)).toMatchObject({ status: 200, text: `This is ${site}\n` });
});
