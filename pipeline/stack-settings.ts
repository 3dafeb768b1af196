import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";

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

/** What the stack files of the project say, checked. */
export interface StackSettings {
  delivery: DeliverySettings;
  environments: Record<EnvironmentName, EnvironmentSettings>;
}

type Mapping = Record<string, unknown>;

const mapping = (value: unknown): Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mapping) : {};

async function readYaml(root: string, file: string): Promise<Mapping> {
  const text = await readFile(join(root, file), "utf8").catch(() => {
    throw new SettingsError(file, [{ at: "file", found: "no such file", expected: "a file of Pulumi's" }]);
  });
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw new SettingsError(file, [{ at: "syntax", found: broken.message, expected: "YAML" }]);
  return mapping(document.toJS());
}

const shownAs = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** What Pulumi keeps in a stack's file beside the configuration. */
const besideConfig = ["environment", "encryptionsalt", "encryptedkey", "secretsprovider"];

/** A stack's configuration as Pulumi would hand it over: its file's values over Pulumi.yaml's defaults, as text. */
async function configuration(root: string, stack: string): Promise<Record<string, string>> {
  const declared = Object.entries(mapping((await readYaml(root, "Pulumi.yaml")).config));
  const defaults = declared.map(([key, value]) => [`${projectName}:${key}`, mapping(value).default] as const);
  const file = `Pulumi.${stack}.yaml`;
  const { config, ...rest } = await readYaml(root, file);
  const strange = Object.keys(rest).filter((key) => !besideConfig.includes(key));
  if (strange.length > 0) {
    throw new SettingsError(
      file,
      strange.map((at) => ({ at, found: "a key that is not known; is it misspelt?" })),
    );
  }
  const own = Object.entries(mapping(config));
  const set = [...defaults, ...own].filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(set.map(([key, value]) => [key, shownAs(value)]));
}

/** Two environments that want the same port or network could only ever be up one at a time. */
function clashes({ delivery, environments: all }: StackSettings): Problem[] {
  const taken = new Map<string, string>([[`port ${delivery.registryPort}`, "delivery"]]);
  return environments.flatMap((name) => {
    const wanted = [...edgePorts(all[name]).map((port) => `port ${port}`), `subnet ${all[name].subnet}`];
    return wanted.flatMap((what) => {
      const owner = taken.get(what);
      taken.set(what, name);
      const at = `${projectName}:${what.startsWith("port") ? "port" : "subnet"} of ${name}`;
      return owner ? [{ at, found: `${what}, which ${owner} has too`, expected: "one of its own" }] : [];
    });
  });
}

/**
 * Reads and checks what every stack's file says, before anything is changed.
 * @throws SettingsError naming each key, its value and what was expected
 */
export async function stackSettings(root: string = projectRoot): Promise<StackSettings> {
  const read = async (name: EnvironmentName) =>
    [name, environmentSettings(name, await configuration(root, name))] as const;
  const settings = {
    delivery: deliverySettings("delivery", await configuration(root, "delivery")),
    environments: Object.fromEntries(await Promise.all(environments.map(read))) as StackSettings["environments"],
  };
  const problems = clashes(settings);
  if (problems.length > 0) throw new SettingsError("Pulumi.*.yaml", problems);
  return settings;
}
