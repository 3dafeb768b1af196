import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";

import versions from "../setup/versions.json" with { type: "json" };

/** The environment variable by which a program that runs from a checkout learns which project it is of. */
export const projectVariable = "SLIPWAY_PROJECT";

/** The project's folder, which holds Pulumi.yaml and `.slipway/`. */
export const projectRoot = process.env[projectVariable] ?? resolve(import.meta.dirname, "..");

/** Pulumi's project name, which is also the namespace of its configuration keys. */
export const projectName = "slipway";

/** A path inside the one git-ignored folder that everything generated lives in. */
export const generated = (...parts: string[]): string => join(projectRoot, ".slipway", ...parts);

/** What `promote env` sets for PULUMI_HOME, in this or another clone; it links to what the person has. */
const ofPromote = /[\\/]\.slipway[\\/]pulumi$/;

function linkedHome(home: string): string | undefined {
  const plugins = join(home, "plugins");
  return lstatSync(plugins, { throwIfNoEntry: false })?.isSymbolicLink() ? dirname(readlinkSync(plugins)) : undefined;
}

/** Where Pulumi keeps its CLI versions and plugins: PULUMI_HOME, or ~/.pulumi. */
export function pulumiHome(): string {
  const own = process.env.PULUMI_HOME;
  const persons = own !== undefined && ofPromote.test(own) ? linkedHome(own) : own;
  return persons ?? join(homedir(), ".pulumi");
}

/** The folder of the pinned Pulumi CLI and its language host, the same one that Pulumi's own installer uses. */
export const pulumiBin = (): string => join(pulumiHome(), "versions", versions.pulumi, "bin");

/** What `promote env` sets, for this or another clone, is not the person's own choice. */
export const chosen = (value: string | undefined): string | undefined =>
  /\/\.slipway\/(state(\?metadata=skip)?|passphrase)$/.test(value ?? "") ? undefined : value;

/** A file of the project; empty where there is none. */
function textOf(file: string): string {
  try {
    return readFileSync(join(projectRoot, file), "utf8");
  } catch {
    return "";
  }
}

/** The backend that Pulumi.yaml names, as Pulumi itself reads it. Most projects name none, and need no parser for that. */
function declaredBackendUrl(): string | undefined {
  const text = textOf("Pulumi.yaml");
  if (!/^backend:/m.test(text)) return undefined;
  const { parseDocument } = createRequire(import.meta.url)("yaml") as typeof import("yaml");
  const url = parseDocument(text).getIn(["backend", "url"]);
  return typeof url === "string" ? url : undefined;
}

/** Pulumi's backend that a person has set themselves, in the environment or in Pulumi.yaml, if they have. */
export const ownBackendUrl = (own: NodeJS.ProcessEnv = process.env): string | undefined =>
  chosen(own.PULUMI_BACKEND_URL) ?? declaredBackendUrl();

/**
 * What the names of what there is were made of, where `promote move-state` has noted it: a clone's folder, or a backend. What was made keeps
 * its names and its sockets when its state moves.
 */
export const origin: string | undefined = /^\s+["']?slipway:origin["']?:\s*["']?([^"'\n#]+?)["']?\s*$/m.exec(
  textOf("Pulumi.delivery.yaml"),
)?.[1];

/** What tells one backend from another: who logs in, and how, may change. */
export function backendIdentity(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  const kept = ["endpoint", "table"].flatMap((key) => {
    const value = parsed.searchParams.get(key);
    return value === null ? [] : [`${key}=${value}`];
  });
  if (parsed.username === "" && parsed.search === "") return url;
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${kept.length > 0 ? `?${kept.join("&")}` : ""}`;
}

const backend = ownBackendUrl();

/** What the names of what is made here are made of. */
export const namedAfter: string = origin ?? (backend === undefined ? projectRoot : backendIdentity(backend));

/**
 * A short name for what is made here: two clones on one machine never touch each other's containers, unless they share a backend
 * and so drive the same ones.
 */
export const instance: string = createHash("sha256").update(namedAfter).digest("hex").slice(0, 6);

/** The name of a container, network or volume that the embedded default makes on this machine's engine. */
export const localName = (...parts: string[]): string => ["slipway", instance, ...parts].join("-");

/** The label, and its value, that marks what the embedded default of this clone made and may remove. */
export const ownerLabel = { label: "slipway.instance", value: instance } as const;

const longestSocketPath = 107;

/**
 * The folder of an embedded node's API socket. A Unix socket's path may not exceed 107 bytes, so a clone in a deep
 * folder keeps its sockets under the temporary folder; so do clones that share a backend, which need the same path.
 */
export function socketFolder(environment: string, node: number): string {
  const name = `${environment}-${node}`;
  const inside = join(namedAfter, ".slipway", "run", name);
  const fits = Buffer.byteLength(join(inside, "docker.sock")) <= longestSocketPath;
  return fits && isAbsolute(namedAfter) ? inside : join(tmpdir(), localName(name));
}
