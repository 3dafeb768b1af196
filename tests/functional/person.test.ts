import { expect, test } from "vitest";

import { people, put, send, unique } from "./api.ts";

test.each(["Ada", "Zoë Ünal", "李小龍", "שָׁלוֹם", "👩‍🚀", 'O\'Neill "Pip"; DROP TABLE person;--', "<b>100 %&+</b>"])(
  "%s is stored and then listed, letter by letter",
  async (given) => {
    const name = unique(given);
    const response = await put(name);
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ name });
    expect(await people()).toContain(name);
  },
);

test("who is stored twice is listed once", async () => {
  const name = unique("Twice");
  await put(name);
  expect((await put(name)).status).toBe(201);
  expect((await people()).filter((one) => one === name)).toHaveLength(1);
});

test("writes at the same time are all kept", async () => {
  const names = Array.from({ length: 10 }, (_, index) => unique(`Together ${index}`));
  const responses = await Promise.all([...names, ...names].map(put));
  expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 201));
  expect(await people()).toEqual(expect.arrayContaining(names));
});

test.each([
  ["no name", "/person"],
  ["an empty name", "/person?name="],
  ["a name that is too long", `/person?name=${"x".repeat(200)}`],
  ["a control character", "/person?name=a%00b"],
])("%s is refused with the reason", async (_, path) => {
  const response = await send("PUT", path);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: expect.stringContaining("name") });
});
