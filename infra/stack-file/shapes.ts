import { z } from "zod";

import { parseBytes, parseCpus, parseDuration } from "./units.ts";

export const text = z.string("a text");
export const whole = z.int("a whole number");
export const number = z.number("a number");
export const truth = z.boolean("true or false");

export const isText = (value: unknown): value is string => typeof value === "string";
export const isObject = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The first of several shapes whose kind the value is of, so that what is wrong inside it is told of that shape alone.
 * @param expected all of them, in words
 */
export function oneOf<Shapes extends readonly z.ZodType[]>(
  expected: string,
  ...kinds: { [Index in keyof Shapes]: [is: (value: unknown) => boolean, shape: Shapes[Index]] }
): z.ZodType<z.output<Shapes[number]>> {
  return z.custom().superRefine((value, context) => {
    const kind = kinds.find(([is]) => is(value));
    if (!kind) return context.addIssue({ code: "custom", message: expected });
    for (const issue of kind[1].safeParse(value).error?.issues ?? []) context.addIssue({ ...issue } as never);
  }) as unknown as z.ZodType<z.output<Shapes[number]>>;
}

const parsable = (parse: (value: string) => unknown, expected: string) =>
  z.string(expected).refine((value) => parse(value) !== undefined, expected);

export const duration = parsable(parseDuration, "a duration, such as 1m30s");
export const bytes = parsable(parseBytes, "a size, such as 64M");
export const cpus = parsable(parseCpus, 'a number of processors as a text, such as "0.5"');

const noRepeats = (list: readonly unknown[]): boolean =>
  new Set(list.map((item) => JSON.stringify(item))).size === list.length;
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.array(item, "a list").refine(noRepeats, "a list in which nothing stands twice");

export const texts = listOf(text);
export const textOrTexts = oneOf("a text or a list of texts", [isText, text], [Array.isArray, texts]);
export const command = oneOf("a text or a list of texts", [isText, text], [Array.isArray, z.array(text)]);
const plain = z.union([text, number, z.null()], "a text, a number or nothing; write true and false in quotes");
export const dictionary = z.record(text, plain, "a mapping");
export const listOrDictionary = oneOf(
  "a mapping, or a list such as KEY=value",
  [isObject, dictionary],
  [Array.isArray, texts],
);
export const options = z.record(text, z.union([text, number], "a text or a number"), "a mapping");

export const strict = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape, "a mapping");
/** Of what `docker stack deploy` does not check the keys; those that it does not know are told. */
export const open = <Shape extends z.ZodRawShape>(shape: Shape) => z.looseObject(shape, "a mapping");
