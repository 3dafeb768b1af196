import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";

import { logTitle } from "../swarm/rollouts.ts";
import { plainText, withoutStackTrace } from "./plain-text.ts";

/** Everything that an error of Pulumi's says; the only place that looks into its text is this file. */
const textOf = (error: unknown): string =>
  error instanceof Error && "output" in error ? `${error.message}\n${String(error.output)}` : String(error);

/** Whether a command failed because the stack does not exist. */
export const stackIsMissing = (error: unknown): boolean => /no stack named .* found/.test(textOf(error));

/** Whether a stack was not made because there is one of its name. */
export const stackIsThere = (error: unknown): boolean => /stack '[^']+' already exists/.test(textOf(error));

/** Whoever holds a stack. */
export interface StackLock {
  user: string;
  host: string;
  pid: number;
  since: Date;
}

/** The locks because of which a command was refused; empty when it failed for another reason. */
export function locksOf(error: unknown): StackLock[] {
  const text = textOf(error);
  if (!/currently locked by|Another update is currently in progress/.test(text)) return [];
  return [...text.matchAll(/created by (\S+)@(\S+) \(pid (\d+)\) at (\S+)/g)].map(([, user, host, pid, at]) => ({
    user: user ?? "",
    host: host ?? "",
    pid: Number(pid),
    since: new Date(at ?? 0),
  }));
}

/** One error that Pulumi reported, and the resource that it is about. */
export interface Diagnostic {
  resource?: string;
  message: string;
}

/** Why an update failed, in words. */
export interface Explanation {
  reason: string;
  details: string[];
  next?: string;
}

const colourTag = /<\{%[^%]*%\}>/g;

/** Says nothing that another diagnostic does not say better. */
const empty = /^(update failed|update canceled|preview failed|resource monitor shut down.*|deletion failed|BAIL:.*|)$/;

const noise = [
  /^Running program .* failed with an unhandled exception:$/,
  /^(\w+ urn:\S+: )?\d+ errors? occurred:$/,
  /^\s*(promise|\[Circular|\{|\})/i,
];

/** What Pulumi, its bridge to providers and Node.js put around a message. */
const frames = [
  /^\s*\* /,
  /^\s*sdk-v2\/\S+ sdk\.helper_schema: /,
  /: provider=\S+$/,
  /^(Uncaught )?\w*Error( \[\w+\])?: /,
  /^(error serializing property "[^"]*": )+/,
];

const withoutNoise = (lines: readonly string[]): string[] =>
  withoutStackTrace(lines).filter((line) => !noise.some((pattern) => pattern.test(line)));

/** A diagnostic's own words: without colours, stack traces and the frame around them. */
function words(message: string): string {
  const lines = plainText(message.replaceAll(colourTag, "")).split("\n");
  const title = lines.findIndex((line) => line.trim() === logTitle.trim());
  const logged = title < 0 ? [] : lines.splice(title);
  const own = withoutNoise(lines).map((line) => frames.reduce((text, frame) => text.replace(frame, ""), line));
  return [...own, ...withoutStackTrace(logged)].join("\n").trim();
}

const nameOf = (urn: string): { type: string; name: string } => {
  const parts = urn.split("::");
  return { type: parts[2]?.split("$").at(-1) ?? "", name: parts.slice(3).join("::") };
};

/** What a resource is called in an error: `Service app`, not its URN. */
export function resourceTitle(urn: string | undefined): string | undefined {
  if (!urn) return undefined;
  const { type, name } = nameOf(urn);
  if (type === "pulumi:pulumi:Stack" || name === "") return undefined;
  return `${type.split(":").at(-1)} ${name}`;
}

/** The error an engine event reports, if it reports one. */
export function diagnosticOf(event: EngineEvent): Diagnostic | undefined {
  const diagnostic = event.diagnosticEvent;
  if (diagnostic?.severity !== "error") return undefined;
  const message = words(diagnostic.message);
  if (empty.test(message)) return undefined;
  const resource = resourceTitle(diagnostic.urn);
  return { message, ...(resource ? { resource } : {}) };
}

interface Known {
  pattern: RegExp;
  reason: (match: RegExpExecArray) => string;
  next: string;
}

const known: Known[] = [
  {
    pattern: /(?:port is already allocated|address already in use)/,
    reason: () => "a port that it publishes is already taken",
    next: "docker ps (shows who has it), or set another slipway:port in Pulumi.STACK.yaml",
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    reason: () => "no space is left on the disk",
    next: "docker system df (shows what takes it), then docker image prune",
  },
  {
    pattern: /Pool overlaps with other one on this address space|could not find an available.*address pool/,
    reason: () => "its network overlaps with one that this engine has already",
    next: "docker network ls, or set another slipway:subnet in Pulumi.STACK.yaml",
  },
  {
    pattern: /(?:Error pinging Docker server|Cannot connect to the Docker daemon)(?: at)?[: ]*(\S+?)?[.,]?(?:\s|$)/i,
    reason: ([, at]) => `the Docker engine${at?.includes("://") ? ` at ${at}` : ""} does not answer`,
    next: "docker info, then npm run promote -- doctor",
  },
  {
    pattern: /x509: certificate signed by unknown authority/,
    reason: () => "the registry's certificate is of an authority that docker does not know",
    next: "Put the authority's certificate into /etc/docker/certs.d/REGISTRY/ca.crt where the engine runs.",
  },
  {
    pattern: /no basic auth credentials|unauthorized: (?:authentication required|incorrect)|denied: requested access/,
    reason: () => "the registry refuses the login that docker has for it",
    next: "docker login REGISTRY, then npm run promote -- doctor",
  },
  {
    pattern: /incorrect passphrase|passphrase must be set/,
    reason: () => "the passphrase does not open this stack's secrets",
    next: "export PULUMI_CONFIG_PASSPHRASE=… with the passphrase that the stack was made with",
  },
  {
    pattern:
      /(?:no resource plugin|no language plugin|could not find plugin|failed to load plugin)[^\n]*?'?(pulumi-[\w-]+|[\w-]+-v[\d.]+)?/,
    reason: ([, plugin]) => `Pulumi's plugin${plugin ? ` ${plugin}` : ""} is missing`,
    next: "npm run promote -- doctor",
  },
];

/** A cause that is recognised in the output of Pulumi or Docker, and what to do about it. */
export function knownCause(text: string): { reason: string; next: string } | undefined {
  for (const { pattern, reason, next } of known) {
    const match = pattern.exec(text);
    if (match) return { reason: reason(match), next };
  }
  return undefined;
}

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** Pulumi's printed errors, for failures that happen before its first event. */
const printedErrors = (output: string): Diagnostic[] =>
  [...output.matchAll(/^\s*error: ([^\n]+)/gm)]
    .map(([, message]) => ({ message: words(message ?? "") }))
    .filter(({ message }) => !empty.test(message));

const sentence = ({ resource, message }: Diagnostic): string => (resource ? `${resource}: ${message}` : message);

/** The same failure is often reported by a resource and again by the program that awaits it. */
function distinct(diagnostics: Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ message }) => !seen.has(message) && seen.add(message));
}

/**
 * Turns a failed update into words: which resource, why, what to do.
 * @param diagnostics the errors of its events, in order
 * @param error what the command itself failed with
 */
export function explain(diagnostics: readonly Diagnostic[], error: unknown): Explanation {
  const all = distinct(diagnostics.length > 0 ? [...diagnostics] : printedErrors(textOf(error)));
  const details = all.flatMap((one) => sentence(one).split("\n"));
  for (const diagnostic of all) {
    const cause = knownCause(diagnostic.message);
    if (cause) return { reason: sentence({ ...diagnostic, message: cause.reason }), details, next: cause.next };
  }
  const [first] = all;
  return { reason: first ? firstLine(sentence(first)) : "Pulumi failed without saying why", details };
}
