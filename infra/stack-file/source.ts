import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type ScalarTag,
  visit,
  type YAMLMap,
} from "yaml";

import { StackFileError } from "./problems.ts";

/** A mapping as YAML gives it. */
export type Mapping = Record<string, unknown>;

/** A stack file that was read: its values, with anchors and merge keys resolved, and where they stand. */
export interface Source {
  /** As the program named it. */
  file: string;
  /** Whether it is no file but what a program says itself: it has no version, and its values are as they are. */
  ofProgram: boolean;
  value: Mapping;
  /** The line of a key, by its dotted path; of the nearest one around it where it has none of its own. */
  lineOf(path: string): number | undefined;
}

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Far more than any stack needs, and little enough that nobody waits for it. */
const largest = 1024 * 1024;
/** Values that a file may come to once its anchors are resolved: an alias bomb ends here. */
const mostValues = 100_000;

const refused = (file: string, what: string, line?: number): StackFileError =>
  new StackFileError([{ file, ...(line === undefined ? {} : { line }), at: "", what }]);

const reasons: Record<string, string> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder, not a file",
  EACCES: "it may not be read",
};

/**
 * Why the operating system did not give a file, in words.
 * @param error what node:fs threw
 */
export const whyUnread = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? message;
};

function textOf(file: string): string {
  const bytes = bytesOf(file);
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  try {
    return utf8.decode(bytes);
  } catch {
    throw refused(file, "it is not UTF-8", firstBadLine(bytes));
  }
}

function bytesOf(file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size > largest) throw refused(file, `it has ${size} bytes, and a stack file may have ${largest}`);
    return readFileSync(file);
  } catch (error) {
    throw error instanceof StackFileError ? error : refused(file, whyUnread(error));
  }
}

function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, start);
    const part = bytes.subarray(start, end < 0 ? bytes.length : end);
    if (part.toString("utf8").includes("\ufffd") && !part.equals(Buffer.from(part.toString("utf8")))) return line;
    start = end < 0 ? bytes.length : end + 1;
  }
  return line;
}

/** Docker's own reader of YAML takes `0444` for an octal number, as file modes are written; YAML 1.2 does not. */
const octal: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

/** Which node each alias stands for: the last one before it that has the anchor. */
function targetsOf(document: Document): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target) targets.set(node, target);
      } else if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

const isMergeKey = (key: unknown): boolean => isScalar(key) && key.value === "<<" && key.type === "PLAIN";

/** Turns nodes into values, and notes the line of each. */
class Expansion {
  readonly lines = new Map<string, number>();
  readonly #file: string;
  readonly #targets: Map<Alias, Node>;
  readonly #counter: LineCounter;
  readonly #inside = new Set<unknown>();
  #left = mostValues;

  constructor(file: string, targets: Map<Alias, Node>, counter: LineCounter) {
    this.#file = file;
    this.#targets = targets;
    this.#counter = counter;
  }

  value(node: unknown, path: string): unknown {
    const line = this.#lineOf(node);
    if (this.#left-- === 0) throw refused(this.#file, `its anchors come to more than ${mostValues} values`, line);
    if (this.#inside.has(node)) throw refused(this.#file, "an anchor contains itself", line);
    this.#inside.add(node);
    const value = this.#inner(node, path);
    this.#inside.delete(node);
    return value;
  }

  #inner(node: unknown, path: string): unknown {
    if (isAlias(node)) return this.value(this.#target(node), path);
    if (isSeq(node)) return node.items.map((item, index) => this.#at(item, item, `${path}.${index}`));
    if (isMap(node)) return this.#mapping(node, path);
    return (node as Scalar | null)?.value ?? null;
  }

  /** What a key stands for, in whose line `path` is. */
  #at(key: unknown, node: unknown, path: string): unknown {
    const line = this.#lineOf(key);
    if (line !== undefined) this.lines.set(path, line);
    return this.value(node, path);
  }

  #mapping(node: YAMLMap, path: string): Mapping {
    const merged = node.items.filter(({ key }) => isMergeKey(key)).map(({ value }) => this.#merged(value, path));
    const pairs = node.items.filter(({ key }) => !isMergeKey(key));
    const own = pairs.map(({ key, value }) => {
      const name = String(isAlias(key) ? this.value(key, path) : ((key as Scalar)?.value ?? ""));
      return [name, this.#at(key, value, path === "" ? name : `${path}.${name}`)] as const;
    });
    return Object.assign(Object.create(null), ...merged, Object.fromEntries(own)) as Mapping;
  }

  /** What `<<` brings: a mapping, or several of which the first one wins. */
  #merged(value: unknown, path: string): Mapping {
    const target = isAlias(value) ? this.#target(value) : value;
    const parts = isSeq(target) ? target.items.toReversed() : [value];
    const values = parts.map((part) => this.value(part, path));
    if (!values.every(isMapping)) {
      throw refused(this.#file, "`<<` takes a mapping or a list of mappings", this.#lineOf(value));
    }
    return Object.assign({}, ...values);
  }

  #target(alias: Alias): Node {
    const target = this.#targets.get(alias);
    if (target) return target;
    throw refused(this.#file, `there is no anchor &${alias.source} before it`, this.#lineOf(alias));
  }

  #lineOf(node: unknown): number | undefined {
    const range = isPair(node) ? undefined : (node as Node | null)?.range;
    return range ? this.#counter.linePos(range[0]).line : undefined;
  }
}

/**
 * Reads a stack file.
 * @throws StackFileError when it is missing, too large, not UTF-8 or not YAML, or when its anchors go round in circles
 */
export function readSource(file: string): Source {
  const counter = new LineCounter();
  const document = parseDocument(textOf(file), {
    lineCounter: counter,
    prettyErrors: false,
    customTags: (tags) => [octal, ...tags],
  });
  const [first] = document.errors;
  if (first) {
    const what = first.code === "MULTIPLE_DOCS" ? "a second document begins here, and a stack is one" : first.message;
    throw refused(file, what, counter.linePos(first.pos[0]).line);
  }
  const expansion = new Expansion(file, targetsOf(document), counter);
  const value = expansion.value(document.contents, "");
  if (!isMapping(value)) throw refused(file, "it is not a mapping of services, networks and so on");
  return { file, ofProgram: false, value, lineOf: (path) => nearest(expansion.lines, path) };
}

/** The line of `path`, or of the nearest key around it. */
function nearest(lines: Map<string, number>, path: string): number | undefined {
  const line = lines.get(path);
  if (line !== undefined || !path.includes(".")) return line;
  return nearest(lines, path.slice(0, path.lastIndexOf(".")));
}

/** The folder that paths in stack files start from: that of the first file, as for `docker stack deploy`. */
export const folderOf = (file: string): string => dirname(resolve(file));
