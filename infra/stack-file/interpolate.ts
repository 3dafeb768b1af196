import { isMapping, type Mapping } from "./source.ts";

/** What variables are: the environment, or what a program gives instead. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What interpolation found on its way. */
export interface Findings {
  problem(path: string, what: string): void;
  warning(path: string, what: string): void;
}

const variable = "[_a-z][_a-z0-9]*";
const template = new RegExp(
  String.raw`\$(?:(?<escaped>\$)|(?<named>${variable}(?::?[-?][^}]*)?)|\{(?<braced>${variable}(?::?[-?][^}]*)?)\}|)`,
  "gi",
);
const parts = new RegExp(`^(?<name>${variable})(?:(?<operator>:?[-?])(?<text>.*))?$`, "is");

interface Reference {
  name: string;
  operator?: string;
  text?: string;
}

/** What a reference to a variable stands for. */
function substituted(
  { name, operator, text = "" }: Reference,
  variables: Variables,
  path: string,
  found: Findings,
): string {
  const value = variables[name];
  // With a colon, an empty value counts as none.
  const given = operator?.startsWith(":") ? value || undefined : value;
  if (given !== undefined) return given;
  if (operator?.endsWith("-")) return text;
  if (operator === undefined) found.warning(path, `the variable ${name} is not set, and taken for empty`);
  else found.problem(path, `the variable ${name} has no value${text === "" ? "" : `: ${text}`}`);
  return "";
}

function substitute(text: string, variables: Variables, path: string, found: Findings): string {
  return text.replaceAll(template, (...match) => {
    const { escaped, named, braced } = match.at(-1) as Record<string, string | undefined>;
    if (escaped) return escaped;
    const reference = parts.exec(braced ?? named ?? "")?.groups as unknown as Reference | undefined;
    if (reference) return substituted(reference, variables, path, found);
    found.problem(path, `${JSON.stringify(text)} is no reference to a variable; write $$ for a dollar sign`);
    return "";
  });
}

const integer = (text: string): number | undefined => (/^[-+]?\d+$/.test(text) ? Number(text) : undefined);
const fraction = (text: string): number | undefined =>
  text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
const booleans: Record<string, boolean> = Object.fromEntries([
  ...["y", "yes", "true", "on"].map((word) => [word, true]),
  ...["n", "no", "false", "off"].map((word) => [word, false]),
]);
const truth = (text: string): boolean | undefined => booleans[text.toLowerCase()];

/** What a text becomes where a variable stood in place of a number or a truth value; `*` is any name, `[]` a list's item. */
const casts: readonly [pattern: RegExp, cast: (text: string) => number | boolean | undefined, expected: string][] = [
  [
    patternOf(
      ...["configs.[].mode", "secrets.[].mode", "healthcheck.retries", "deploy.replicas", "oom_score_adj"],
      ...[
        "deploy.update_config.parallelism",
        "deploy.rollback_config.parallelism",
        "deploy.restart_policy.max_attempts",
      ],
      ...["deploy.placement.max_replicas_per_node", "ports.[].target", "ports.[].published"],
      ...["ulimits.*", "ulimits.*.hard", "ulimits.*.soft"],
    ),
    integer,
    "a whole number",
  ],
  [
    patternOf("deploy.update_config.max_failure_ratio", "deploy.rollback_config.max_failure_ratio"),
    fraction,
    "a number",
  ],
  [
    patternOf(
      ...["healthcheck.disable", "privileged", "read_only", "stdin_open", "tty"],
      ...["volumes.[].read_only", "volumes.[].volume.nocopy"],
    ),
    truth,
    "true or false",
  ],
  [/^(?:networks|volumes|secrets|configs)\.[^.]+\.external$/, truth, "true or false"],
  [/^networks\.[^.]+\.(?:internal|attachable)$/, truth, "true or false"],
];

/** Matches these keys of any service. */
function patternOf(...keys: string[]): RegExp {
  const escaped = keys.map((key) =>
    key.replaceAll(".", String.raw`\.`).replaceAll("*", "[^.]+").replaceAll("[]", String.raw`\d+`),
  );
  return new RegExp(String.raw`^services\.[^.]+\.(?:${escaped.join("|")})$`);
}

function typed(text: string, path: string, found: Findings): unknown {
  const cast = casts.find(([pattern]) => pattern.test(path));
  if (!cast) return text;
  const value = cast[1](text);
  if (value === undefined) found.problem(path, `its variables do not come to ${cast[2]}`);
  return value ?? text;
}

/**
 * Puts variables in their places, as `docker stack deploy` does: in values, never in keys.
 * @param path the dotted path of `value`
 */
export function interpolate<Value>(value: Value, variables: Variables, found: Findings, path = ""): Value {
  const inner = (one: unknown, key: string | number): unknown =>
    interpolate(one, variables, found, path === "" ? String(key) : `${path}.${key}`);
  if (typeof value === "string") {
    const text = substitute(value, variables, path, found);
    return (text === value ? value : typed(text, path, found)) as Value;
  }
  if (Array.isArray(value)) return value.map(inner) as Value;
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, inner(one, key)] as const);
  return Object.fromEntries(entries) as Mapping as Value;
}
