import { z } from "zod";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Day = (typeof days)[number];

const daysExpected = "days such as mon-fri or sat,sun";
const clockExpected = "a time of day such as 08:30";
const clock = z.string(clockExpected).regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, clockExpected);
const zoneExpected = "a time zone such as Europe/Berlin";

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

/** `mon-wed,sat` → the days; undefined when it says none. A range may pass the week's end. */
function daysIn(text: string): Day[] | undefined {
  const ranges = text
    .toLowerCase()
    .split(",")
    .map((part) => part.trim().split("-"))
    .map((ends) => [days.indexOf(ends[0] as Day), days.indexOf((ends[1] ?? ends[0]) as Day), ends.length] as const);
  if (ranges.some(([first, last, ends]) => first < 0 || last < 0 || ends > 2)) return undefined;
  return ranges.flatMap(([first, last]) =>
    Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, index) => days[(first + index) % 7] as Day),
  );
}

const windowSchema = z
  .strictObject(
    {
      days: z.string(daysExpected).refine((text) => daysIn(text) !== undefined, daysExpected),
      from: clock,
      to: clock,
      timeZone: z.string(zoneExpected).refine(isZone, zoneExpected).default("UTC"),
    },
    'a window such as { days: mon-fri, from: "08:00", to: "16:00" }',
  )
  .refine(({ from, to }) => from < to, { path: ["to"], message: "a time of day after from; a night is two windows" });

const dayExpected = "a day such as 2026-12-24, or a time such as 2026-12-24T18:00:00+01:00";
const moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })], dayExpected);

const freezeSchema = z.strictObject(
  {
    from: moment,
    to: moment,
    reason: z.string("why nothing is deployed").min(1).max(200),
  },
  "a freeze such as { from: 2026-12-20, to: 2027-01-03, reason: year's end }",
);

const listOf = <Item extends z.ZodType>(item: Item, expected: string) => z.array(item, expected).max(100);

/** When production may be changed; always where there is none. */
export const windowsSchema = listOf(windowSchema, "a list of windows, each with days, from, to and timeZone");
/** When production may not be changed, whatever the windows say. */
export const freezesSchema = listOf(freezeSchema, "a list of freezes, each with from, to and reason");

export interface Timetable {
  windows: z.output<typeof windowsSchema>;
  freezes: z.output<typeof freezesSchema>;
}

const oneDay = 86_400_000;

/** A day counts as a whole, in UTC. */
const ends = (to: string): number => Date.parse(to) + (to.length === 10 ? oneDay : 0);

const isOpen = ({ days: text, from, to, timeZone }: Timetable["windows"][number], at: Date): boolean => {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const now = `${parts.hour}:${parts.minute}`;
  return daysIn(text)?.includes(parts.weekday?.toLowerCase() as Day) === true && from <= now && now < to;
};

const shown = ({ days: text, from, to, timeZone }: Timetable["windows"][number]): string =>
  `${text} ${from}-${to} ${timeZone}`;

/** Why production may not be changed at a time, in words; undefined when it may. */
export function heldBack({ windows, freezes }: Timetable, at: Date): string | undefined {
  const freeze = freezes.find(({ from, to }) => Date.parse(from) <= at.getTime() && at.getTime() < ends(to));
  if (freeze) {
    return `production is frozen until ${new Date(ends(freeze.to)).toISOString().slice(0, 16)}Z: ${freeze.reason}`;
  }
  if (windows.length === 0 || windows.some((window) => isOpen(window, at))) return undefined;
  return `production is deployed to only ${windows.map(shown).join(", ")}`;
}
