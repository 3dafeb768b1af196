import type { ZodError, z } from "zod";

import type { Problem } from "./errors.ts";

const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80));

const valueAt = (input: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], input);

type Issue = ZodError["issues"][number];

function problemsOf(issue: Issue, input: unknown, name: (path: string) => string): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      at: name([...issue.path, key].join(".")),
      found: "a key that is not known; is it misspelt?",
    }));
  }
  const at = name(issue.path.join("."));
  return [{ at, found: shown(valueAt(input, issue.path)), expected: issue.message }];
}

/**
 * Checks `input` against `schema`.
 * @param name turns a dotted path into what the person wrote, such as `slipway:replicas`
 * @returns the parsed value, or every problem
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  name: (path: string) => string = (path) => path,
): { value: z.output<Schema> } | { problems: Problem[] } {
  const result = schema.safeParse(input);
  if (result.success) return { value: result.data };
  return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, input, name)) };
}
