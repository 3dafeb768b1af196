/** A resource's inputs as Pulumi's events carry them. */
export type Inputs = Record<string, unknown>;

/** What Pulumi puts in the place of values that it will only know later. */
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const secretMark = "4dabf18193072939515e22adb298388d";

const isObject = (value: unknown): value is Inputs => typeof value === "object" && value !== null;

/** Whether a value is a secret, of which only Pulumi knows what it is. */
export const isSecret = (value: unknown): boolean => isObject(value) && secretMark in value;

/** A value as text that is safe to show. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "none";
  if (value === unknownValue) return "(known after the update)";
  if (isSecret(value)) return "[secret]";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The value at a dotted path. */
export function valueAt(inputs: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), inputs);
}

/** The value at a dotted path when it is a text. */
export function textAt(inputs: unknown, path: string): string | undefined {
  const value = valueAt(inputs, path);
  return typeof value === "string" && value !== unknownValue ? value : undefined;
}

/** The list at a dotted path; an empty one where there is none. */
export function listAt(inputs: unknown, path: string): unknown[] {
  const value = valueAt(inputs, path);
  return Array.isArray(value) ? value : [];
}

/** Every value with its dotted path; lists count as one value. */
function leaves(value: unknown, path = ""): [string, string][] {
  if (!isObject(value) || Array.isArray(value) || isSecret(value)) return [[path, shown(value)]];
  return Object.entries(value)
    .filter(([key, child]) => !key.startsWith("__") && child !== undefined && child !== null)
    .flatMap(([key, child]) => leaves(child, path ? `${path}.${key}` : key));
}

/** The dotted paths whose values differ. */
export function changedPaths(before: Inputs, after: Inputs): string[] {
  const old = new Map(leaves(before));
  const now = new Map(leaves(after));
  const all = new Set([...old.keys(), ...now.keys()]);
  return [...all].filter((path) => old.get(path) !== now.get(path));
}
