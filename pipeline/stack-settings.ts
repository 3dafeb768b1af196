import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";

import { ownStacksOf } from "../settings/delivered.ts";
import {
  type DeliverySettings,
  deliverySettings,
  type EnvironmentName,
  type EnvironmentSettings,
  edgePorts,
  environmentSettings,
  environments,
} from "../settings/environment.ts";
import { type Problem, SettingsError } from "../settings/errors.ts";
import { projectName, projectRoot } from "../settings/project.ts";
import { git } from "./git.ts";

/** What the stack files of the project say, checked. */
export interface StackSettings {
  delivery: DeliverySettings;
  environments: Record<EnvironmentName, EnvironmentSettings>;
}

type Mapping = Record<string, unknown>;

const mapping = (value: unknown): Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mapping) : {};

/** Where settings are read: what a file of Pulumi's holds; undefined when it is not there. */
export type SettingsSource = (file: string) => Promise<string | undefined>;

/** The files of a folder. */
export const inFolder =
  (folder: string): SettingsSource =>
  (file) =>
    readFile(join(folder, file), "utf8").catch(() => undefined);

/** The files as a commit has them. */
export const inCommit =
  (commit: string): SettingsSource =>
  async (file) => {
    const { exitCode, stdout } = await git(projectRoot, ["show", `${commit}:./${file}`]);
    return exitCode === 0 ? stdout : undefined;
  };

async function readYaml(source: SettingsSource, file: string): Promise<Mapping> {
  const text = await source(file);
  if (text === undefined) {
    throw new SettingsError(file, [{ at: "file", found: "no such file", expected: "a file of Pulumi's" }]);
  }
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw new SettingsError(file, [{ at: "syntax", found: broken.message, expected: "YAML" }]);
  return mapping(document.toJS());
}

const shownAs = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const secretKeys = [`${projectName}:certificate`];

/** What Pulumi keeps in a stack's file beside the configuration. */
const besideConfig = ["environment", "encryptionsalt", "encryptedkey", "secretsprovider"];

/** Whether only Pulumi can read a value. What must be a secret, and is not, is refused. */
function isHidden(file: string, key: string, value: unknown): boolean {
  if (typeof mapping(value).secure === "string") return true;
  if (!secretKeys.includes(key)) return false;
  const expected = `a secret, set by: pulumi config set --secret ${key.slice(projectName.length + 1)}`;
  throw new SettingsError(file, [{ at: key, found: "a value in clear", expected }]);
}

/** A stack's configuration as Pulumi would hand it over: its file's values over Pulumi.yaml's defaults, as text. */
async function configuration(source: SettingsSource, stack: string): Promise<Record<string, string>> {
  const declared = Object.entries(mapping((await readYaml(source, "Pulumi.yaml")).config));
  const defaults = declared.map(([key, value]) => [`${projectName}:${key}`, mapping(value).default] as const);
  const file = `Pulumi.${stack}.yaml`;
  const { config, ...rest } = await readYaml(source, file);
  const strange = Object.keys(rest).filter((key) => !besideConfig.includes(key));
  if (strange.length > 0) {
    throw new SettingsError(
      file,
      strange.map((at) => ({ at, found: "a key that is not known; is it misspelt?" })),
    );
  }
  const own = Object.entries(mapping(config)).filter(([key, value]) => !isHidden(file, key, value));
  const set = [...defaults, ...own].filter(([, value]) => value !== undefined);
  return Object.fromEntries(set.map(([key, value]) => [key, shownAs(value)]));
}

/** Two environments that want the same port, network or Swarm could only ever be up one at a time. */
function clashes({ delivery, environments: all }: StackSettings): Problem[] {
  const taken = new Map<string, string>(delivery.registry ? [] : [[`port ${delivery.registryPort}`, "delivery"]]);
  const clash = (key: string, name: EnvironmentName, what: string): Problem[] => {
    const owner = taken.get(what);
    taken.set(what, name);
    const at = `${projectName}:${key} of ${name}`;
    return owner ? [{ at, found: `${what}, which ${owner} has too`, expected: "one of its own" }] : [];
  };
  return environments.flatMap((name) => {
    const { cluster, subnet } = all[name];
    if (cluster.kind === "manager") return clash("cluster", name, `the Swarm at ${cluster.engine}`);
    if (cluster.kind === "hosts") return cluster.hosts.flatMap(({ at }) => clash("cluster", name, `the host ${at}`));
    const ports = edgePorts(all[name]);
    const wanted = [
      ...ports.map(({ http }) => ["port", `port ${http}`] as const),
      ...ports.map(({ https }) => ["tlsPort", `port ${https}`] as const),
      ["subnet", `subnet ${subnet}`] as const,
    ];
    return wanted.flatMap(([key, what]) => clash(key, name, what));
  });
}

const workingTree = inFolder(projectRoot);

/** Whose environments a commit is delivered to: those of the commit, or, for an application of its own, the working tree's. */
const unlessOwn = (source: SettingsSource): SettingsSource => (ownStacksOf() === undefined ? source : workingTree);

/** The settings that count for a commit that is checked out. */
export const settingsFor = (checkout: string): Promise<StackSettings> => stackSettings(unlessOwn(inFolder(checkout)));

/** The settings that count for a commit. */
export const settingsOf = (commit: string): Promise<StackSettings> => stackSettings(unlessOwn(inCommit(commit)));

/**
 * Reads and checks what every stack's file says, before anything is changed.
 * @param source whose environments: the working tree's by default. What delivery itself needs is always the working tree's
 * @throws SettingsError naming each key, its value and what was expected
 */
export async function stackSettings(source: SettingsSource = workingTree): Promise<StackSettings> {
  const read = async (name: EnvironmentName) =>
    [name, environmentSettings(name, await configuration(source, name))] as const;
  const settings = {
    delivery: deliverySettings("delivery", await configuration(workingTree, "delivery")),
    environments: Object.fromEntries(await Promise.all(environments.map(read))) as StackSettings["environments"],
  };
  const problems = clashes(settings);
  if (problems.length > 0) throw new SettingsError("Pulumi.*.yaml", problems);
  return settings;
}
