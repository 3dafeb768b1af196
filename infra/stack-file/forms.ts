import { isAbsolute, join } from "node:path";

import type { Findings, Variables } from "./interpolate.ts";
import { parseBytes, parseCpus, parseDuration } from "./units.ts";

/** What a file's values mean depends on. */
export interface Surroundings {
  /** Where relative paths start. */
  folder: string;
  variables: Variables;
  found: Findings;
}

/** What may be a list such as KEY=value, or a mapping. */
export type Listed = string[] | Record<string, string | number | null>;

/** Without what is undefined. */
export function given<Value extends object>(value: { [Key in keyof Value]: Value[Key] | undefined }): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value;
}

/** The same keys with other values. */
export const mapValues = <In, Out>(record: Record<string, In> | undefined, change: (value: In, key: string) => Out) =>
  Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, change(value, key)]));

const cut = (text: string): [string, string | null] => {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
};

const asText = (value: string | number | null): string | null => (value === null ? null : String(value));

/** A list such as KEY=value, or a mapping, as a mapping; a key without a value has none. */
export function nullable(listed: Listed | undefined): Record<string, string | null> | undefined {
  if (listed === undefined) return undefined;
  return Array.isArray(listed) ? Object.fromEntries(listed.map(cut)) : mapValues(listed, asText);
}

/** The same, in which no value is an empty one. */
export const dictionary = (listed: Listed | undefined): Record<string, string> | undefined =>
  listed && mapValues(nullable(listed), (value) => value ?? "");

/** One text as a list of it. */
export const list = (value: string | string[] | undefined): string[] | undefined =>
  typeof value === "string" ? [value] : value;

/** Nanoseconds of a duration that the schema let pass. */
export const duration = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);
/** Bytes of a size that the schema let pass. */
export const bytes = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseBytes(text);
/** Thousand-millionths of a number of processors that the schema let pass. */
export const cpus = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseCpus(text);

/** A path that starts at `folder` unless it is absolute. */
export const absolute = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path));
