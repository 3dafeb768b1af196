/** Where two things differ, and what each has there. */
export interface Difference {
  path: string;
  one: unknown;
  other: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Compares two values key by key; lists of the same length item by item. */
export function differences(one: unknown, other: unknown, path = ""): Difference[] {
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    return Object.is(one, other) ? [] : [{ path, one, other }];
  }
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys.flatMap((key) => differences(one[key], other[key], path === "" ? key : `${path}.${key}`));
}
