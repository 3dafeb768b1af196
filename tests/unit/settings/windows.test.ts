import { expect, test } from "vitest";

import { freezesSchema, heldBack, windowsSchema } from "../../../settings/windows.ts";

const windows = (...list: object[]) => windowsSchema.parse(list);
const freezes = (...list: object[]) => freezesSchema.parse(list);
const held = (timetable: { windows?: object[]; freezes?: object[] }, at: string) =>
  heldBack(
    { windows: windows(...(timetable.windows ?? [])), freezes: freezes(...(timetable.freezes ?? [])) },
    new Date(at),
  );

const office = { days: "mon-thu,fri", from: "08:00", to: "17:00", timeZone: "Europe/Berlin" };

test("without windows and freezes production may be changed at any time", () => {
  expect(held({}, "2026-11-25T03:00:00Z")).toBeUndefined();
});

test.each([
  ["inside", "2026-11-25T07:00:00Z", true],
  ["a minute too early, by its own zone", "2026-11-25T06:59:00Z", false],
  ["when it has ended", "2026-11-25T16:00:00Z", false],
  ["a minute before it ends", "2026-11-25T15:59:59Z", true],
  ["on another day", "2026-11-28T10:00:00Z", false],
  ["in summer, an hour earlier by UTC", "2026-07-01T06:00:00Z", true],
])("a window %s", (_, at, open) => {
  expect(held({ windows: [office] }, at)).toBe(
    open ? undefined : "production is deployed to only mon-thu,fri 08:00-17:00 Europe/Berlin",
  );
});

test("one of several windows is enough, and days may pass the week's end", () => {
  const night = { days: "sat-mon", from: "20:00", to: "24:00" };
  expect(held({ windows: [office, night] }, "2026-11-29T23:59:00Z")).toBeUndefined();
  expect(held({ windows: [night] }, "2026-11-24T23:59:00Z")).toContain("sat-mon 20:00-24:00 UTC");
});

test.each([
  ["its first moment", "2026-12-20T00:00:00Z", true],
  ["its last day", "2027-01-03T23:59:59Z", true],
  ["the day after", "2027-01-04T00:00:00Z", false],
  ["the moment before", "2026-12-19T23:59:59Z", false],
])("a freeze from day to day counts %s: in %s", (_, at, frozen) => {
  const freeze = { from: "2026-12-20", to: "2027-01-03", reason: "year's end" };
  const text = held({ windows: [{ days: "mon-sun", from: "00:00", to: "24:00" }], freezes: [freeze] }, at);
  expect(text).toBe(frozen ? "production is frozen until 2027-01-04T00:00Z: year's end" : undefined);
});

test("a freeze may be from one time to another", () => {
  const freeze = { from: "2026-12-24T14:00:00+01:00", to: "2026-12-24T15:00:00+01:00", reason: "a move" };
  expect(held({ freezes: [freeze] }, "2026-12-24T13:30:00Z")).toContain("a move");
  expect(held({ freezes: [freeze] }, "2026-12-24T14:00:00Z")).toBeUndefined();
});

test.each([
  ["no such day", { ...office, days: "mon-fry" }],
  ["no time of day", { ...office, from: "8 o'clock" }],
  ["no such zone", { ...office, timeZone: "Europe/Nowhere" }],
  ["it ends before it begins", { ...office, from: "18:00" }],
  ["a key that is not known", { ...office, until: "x" }],
])("a window is refused: %s", (_, window) => {
  expect(() => windows(window)).toThrow();
});

test("a freeze without a reason, or of no day, is refused", () => {
  expect(() => freezes({ from: "2026-12-20", to: "2027-01-03" })).toThrow();
  expect(() => freezes({ from: "20.12.2026", to: "2027-01-03", reason: "x" })).toThrow();
  expect(() => windowsSchema.parse("not a list")).toThrow();
});
