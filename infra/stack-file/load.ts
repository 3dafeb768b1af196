import type { ZodError } from "zod";

import type { Findings, Variables } from "./interpolate.ts";
import { interpolate } from "./interpolate.ts";
import { ignoredKeys, keysSince, newestVersion, refusedKeys } from "./keys.ts";
import { merge } from "./merge.ts";
import type { Stack } from "./model.ts";
import { normalise } from "./normalise.ts";
import { type StackFileProblem, throwProblems } from "./problems.ts";
import { type RawStack, stackSchema } from "./schema.ts";
import { folderOf, isMapping, type Mapping, readSource, type Source } from "./source.ts";

/** A stack that was read, and what somebody should know of it. */
export interface Loaded {
  stack: Stack;
  warnings: StackFileProblem[];
  /** Where a key stands: in the last of the files that has it, or what is around it. */
  place(path: string): Pick<StackFileProblem, "file" | "line">;
}

export interface LoadOptions {
  /** What variables in the files are. */
  variables: Variables;
  /** What is merged over the files, as one more of them would be. */
  overrides?: Mapping;
}

/**
 * Reads stack files as `docker stack deploy` does, merged in their order.
 * @throws StackFileError naming every problem with its file and line
 */
export function loadStack(files: readonly string[], { variables, overrides }: LoadOptions): Loaded {
  const sources = files.map(readSource);
  if (overrides) sources.push({ file: "overrides", ofProgram: true, value: overrides, lineOf: () => undefined });
  const folder = folderOf(files[0] ?? "");
  const problems: StackFileProblem[] = [];
  const warnings: StackFileProblem[] = [];
  const version = versionOf(sources, problems);
  throwProblems(problems);
  const stacks = sources.map((source) => {
    const found = findings(source, problems, warnings);
    // Variables are for files: a program has its own.
    const before = problems.length;
    const raw = checked(source, version, variables, found);
    return raw && problems.length === before ? normalise(raw, { folder, variables, found }) : undefined;
  });
  throwProblems(problems);
  return { stack: merge(stacks.filter((stack) => stack !== undefined)), warnings, place: placeIn(sources) };
}

function findings(source: Source, problems: StackFileProblem[], warnings: StackFileProblem[]): Findings {
  const note = (list: StackFileProblem[]) => (path: string, what: string) => void list.push(at(source, path, what));
  return { problem: note(problems), warning: note(warnings) };
}

function at(source: Source, path: string, what: string): StackFileProblem {
  const line = source.lineOf(path);
  return { file: source.file, ...(line === undefined ? {} : { line }), at: path, what };
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

function placeIn(sources: readonly Source[]): Loaded["place"] {
  return (path) => {
    for (let keys = path.split("."); ; keys = keys.slice(0, -1)) {
      const source = sources.findLast(({ value }) => valueAt(value, keys) !== undefined);
      if (!source) continue;
      const line = source.lineOf(keys.join("."));
      return { file: source.file, ...(line === undefined ? {} : { line }) };
    }
  };
}

/** The minor version that all files are of. Without one, or with `3` alone, it is the newest. */
function versionOf(sources: readonly Source[], problems: StackFileProblem[]): number {
  const versions = sources.flatMap((source) => {
    if (source.ofProgram) return [];
    const { version = "3" } = source.value;
    const [, minor] = /^3(?:\.(\d{1,2}))?$/.exec(String(version)) ?? [undefined, "none"];
    const number = Number(minor ?? newestVersion);
    if (version === "" || version === null) return [newestVersion];
    if (number <= newestVersion) return [number];
    problems.push(
      at(source, "version", `found ${JSON.stringify(version)}, and a stack file is of "3.0" to "3.${newestVersion}"`),
    );
    return [];
  });
  const other = versions.findIndex((version) => version !== versions[0]);
  const source = sources[other];
  const differ = `found 3.${versions[other]} after 3.${versions[0]}; files that are merged have one version`;
  if (source) problems.push(at(source, "version", differ));
  return versions[0] ?? newestVersion;
}

/** Whether a key is an extension field, which is for people and their tools. */
const isExtension = (key: string): boolean => key.startsWith("x-");

const sections = ["services", "networks", "volumes", "secrets", "configs"] as const;

function withoutExtensions(value: Mapping): Mapping {
  const own = (one: unknown): unknown =>
    isMapping(one) ? Object.fromEntries(Object.entries(one).filter(([key]) => !isExtension(key))) : one;
  const top = own(value) as Mapping;
  for (const section of sections) {
    const named = top[section];
    if (isMapping(named)) top[section] = Object.fromEntries(Object.entries(named).map(([key, one]) => [key, own(one)]));
  }
  return top;
}

const mappingOf = (value: unknown): Mapping => (isMapping(value) ? value : {});

/** Tells the keys that `docker stack deploy` refuses and those that it ignores. */
function tellKeys(value: Mapping, found: Findings): void {
  for (const [name, service] of Object.entries(mappingOf(value.services))) {
    for (const key of Object.keys(mappingOf(service))) {
      const at = `services.${name}.${key}`;
      const [refused, ignored] = [refusedKeys.get(key), ignoredKeys.get(key)];
      if (refused !== undefined) found.problem(at, `\`docker stack deploy\` refuses it: ${refused}`);
      if (ignored !== undefined) found.warning(at, ignored);
    }
  }
  for (const [name, volume] of Object.entries(mappingOf(value.volumes))) {
    if (mappingOf(volume)["x-cluster-spec"] !== undefined) {
      found.warning(`volumes.${name}.x-cluster-spec`, "it is ignored by `docker stack deploy` and here");
    }
  }
}

/** Tells the keys that `docker stack deploy` neither knows nor refuses. */
function tellUnknown(raw: RawStack, found: Findings): void {
  const tell = (path: string, value: unknown, known: readonly string[]): void => {
    for (const key of Object.keys(mappingOf(value)).filter((one) => !known.includes(one))) {
      found.warning(`${path}.${key}`, "nobody knows it, and it is ignored");
    }
  };
  for (const [name, service] of Object.entries(raw.services ?? {})) {
    const at = `services.${name}`;
    for (const key of ["configs", "secrets"] as const) {
      service[key]?.forEach(
        (one, index) => void tell(`${at}.${key}.${index}`, one, ["source", "target", "uid", "gid", "mode"]),
      );
    }
    service.volumes?.forEach((mount, index) => {
      if (typeof mount === "string") return;
      tell(`${at}.volumes.${index}.bind`, mount.bind, ["propagation"]);
      tell(`${at}.volumes.${index}.volume`, mount.volume, ["nocopy", "subpath"]);
      tell(`${at}.volumes.${index}.tmpfs`, mount.tmpfs, ["size"]);
    });
  }
}

/** What stands at a dotted pattern in `value`, each with its path. */
function standing(value: unknown, keys: readonly string[], path: readonly string[] = []): string[] {
  const [key, ...rest] = keys;
  if (key === undefined) return [path.join(".")];
  if (key === "[]")
    return Array.isArray(value) ? value.flatMap((one, index) => standing(one, rest, [...path, String(index)])) : [];
  if (!isMapping(value)) return [];
  const names = key === "*" ? Object.keys(value) : key in value ? [key] : [];
  return names.flatMap((name) => standing(value[name], rest, [...path, name]));
}

function tellTooNew(value: Mapping, version: number, found: Findings): void {
  for (const [since, patterns] of Object.entries(keysSince)) {
    if (Number(since) <= version) continue;
    for (const path of patterns.flatMap((pattern) => standing(value, pattern.split(".")))) {
      found.problem(path, `it came with version 3.${since}, and the file says 3.${version}`);
    }
  }
}

const shown = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80));

/** What the schema found, with what was written in the file: the value of a variable may be a secret. */
function schemaProblems(error: ZodError, written: Mapping, found: Findings): void {
  for (const issue of error.issues) {
    const path = issue.path.join(".");
    if (issue.code === "unrecognized_keys") {
      const inside = path === "" ? "" : `${path}.`;
      for (const key of issue.keys) found.problem(`${inside}${key}`, "there is no such key; is it misspelt?");
    } else found.problem(path, `found ${shown(valueAt(written, issue.path))}, expected ${issue.message}`);
  }
}

const withoutRefused = (value: Mapping): Mapping => {
  const own = (service: unknown): unknown =>
    isMapping(service) ? Object.fromEntries(Object.entries(service).filter(([key]) => !refusedKeys.has(key))) : service;
  const { services } = value;
  if (!isMapping(services)) return value;
  return { ...value, services: Object.fromEntries(Object.entries(services).map(([name, one]) => [name, own(one)])) };
};

/** One file with its variables in their places, when it is all right. */
function checked(source: Source, version: number, variables: Variables, found: Findings): RawStack | undefined {
  tellKeys(source.value, found);
  const written = withoutRefused(withoutExtensions(source.value));
  const told = new Set<string>();
  const noting: Findings = {
    ...found,
    problem(path, what) {
      told.add(path);
      found.problem(path, what);
    },
  };
  const value = source.ofProgram ? written : interpolate(written, variables, noting);
  const parsed = stackSchema.safeParse(value);
  // Of what has no value already, nothing more is said.
  const others = {
    ...found,
    problem: (path: string, what: string) => void (told.has(path) || found.problem(path, what)),
  };
  if (!parsed.success) schemaProblems(parsed.error, written, others);
  else tellUnknown(parsed.data, found);
  tellTooNew(value, version, found);
  return parsed.data;
}
