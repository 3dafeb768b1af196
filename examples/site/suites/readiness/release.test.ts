import { describe, expect, test } from "vitest";

import { facts } from "../facts.ts";
import { get, tlsOf } from "../get.ts";

const [first = ""] = facts.addresses;
const speaksTls = await get(tlsOf(first), "www.example.org").then(
  () => true,
  () => false,
);

describe.each(facts.addresses)("%s", (address) => {
  test.each(["www", "docs"])("serves the release of %s", async (site) => {
    expect(await get(address, `${site}.example.org`)).toMatchObject({ status: 200, release: facts.release.commit });
  });

  test.runIf(speaksTls).each(["www", "docs"])("serves %s by TLS", async (site) => {
    expect(await get(tlsOf(address), `${site}.example.org`)).toMatchObject({ status: 200, text: `This is ${site}\n` });
  });
});
