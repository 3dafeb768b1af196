import { readFile, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { parseDocument } from "yaml";

import { UsageError } from "../errors.ts";
import { plainLine } from "../plain-text.ts";

/** A service of a Compose file, as far as a delivery has to know it. */
export interface ComposeService {
  name: string;
  image?: string;
  /** Where it is built from; absent where it is an image that somebody else made. */
  build?: { context: string; dockerfile: string };
  /** The port that its tasks listen on, where the file says it. */
  port?: number;
}

/** What a repository has of what a delivery needs. */
export interface Seen {
  /** What the application could be called. */
  name: string;
  /** Its Compose file; absent where there is none. */
  stackFile?: string;
  services: ComposeService[];
  /** Whether it has a Dockerfile, and a Compose file that does not say what is built. */
  dockerfile?: true;
  /** How its unit tests are run, as far as the usual files tell. */
  unitTests?: { prepare?: string[]; run: string[] };
}

const composeFiles = [
  "compose.yaml",
  "compose.yml",
  "docker-compose.yaml",
  "docker-compose.yml",
  "docker-stack.yaml",
  "docker-stack.yml",
  "stack.yaml",
  "stack.yml",
];

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

async function firstOf(folder: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) if (await isFile(join(folder, name))) return name;
  return undefined;
}

type Mapping = Record<string, unknown>;
const mapping = (value: unknown): Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mapping) : {};
const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** The container's port in `80`, `"8080:80"`, `"127.0.0.1:8080:80/tcp"` and the long form. */
function targetOf(port: unknown): number | undefined {
  const given = typeof port === "object" ? mapping(port).target : port;
  const last = String(given ?? "")
    .split(":")
    .at(-1)
    ?.split("/")[0];
  const number = Number(last);
  return Number.isInteger(number) && number > 0 && number < 65_536 ? number : undefined;
}

function buildOf(build: unknown): ComposeService["build"] {
  if (build === undefined || build === null) return undefined;
  const { context = ".", dockerfile = "Dockerfile" } = typeof build === "string" ? { context: build } : mapping(build);
  return { context: posix.normalize(String(context)).replace(/(?<=.)\/$/, ""), dockerfile: String(dockerfile) };
}

function serviceOf(name: string, value: unknown): ComposeService {
  const { image, build, ports, expose } = mapping(value);
  const built = buildOf(build);
  const port = [...listed(ports), ...listed(expose)].map(targetOf).find((one) => one !== undefined);
  const called = text(image);
  return {
    name,
    ...(called === undefined ? {} : { image: called }),
    ...(built ? { build: built } : {}),
    ...(port === undefined ? {} : { port }),
  };
}

async function servicesIn(folder: string, file: string): Promise<ComposeService[]> {
  const document = parseDocument(await readFile(join(folder, file), "utf8"), { merge: true });
  const [broken] = document.errors;
  if (broken) throw new UsageError(`${file} is no YAML: ${plainLine(broken.message, 200)}`);
  const services = mapping(mapping(document.toJS({ maxAliasCount: 1_000 })).services);
  return Object.entries(services).map(([name, value]) => serviceOf(name, value));
}

export const isByDigest = ({ image }: ComposeService): boolean => /@sha256:[0-9a-f]{64}$/.test(image ?? "");

/** The Dockerfile of a folder, as a build. */
export const itself = { context: ".", dockerfile: "Dockerfile" } as const;

/**
 * Where services are built from that do not say so, as in a file for `docker stack deploy`, which does not read `build`: a folder of the
 * service's name that has a Dockerfile.
 */
const fromFolders = (folder: string, services: readonly ComposeService[]): Promise<ComposeService[]> =>
  Promise.all(
    services.map(async (service) => {
      const { name } = service;
      const own = /^\w[\w.-]*$/.test(name) && !isByDigest(service) && (await isFile(join(folder, name, "Dockerfile")));
      return own ? { ...service, build: { ...itself, context: name } } : service;
    }),
  );

/** @throws UsageError where nothing tells what is built */
async function builtIn(folder: string, stackFile: string): Promise<Pick<Seen, "services" | "dockerfile">> {
  const told = await servicesIn(folder, stackFile);
  if (told.some(({ build }) => build)) return { services: told };
  const services = await fromFolders(folder, told);
  if (services.some(({ build }) => build)) return { services };
  if (await isFile(join(folder, itself.dockerfile))) return { services, dockerfile: true };
  throw new UsageError(
    `Nothing tells what is built here: no service of ${stackFile} has a build, and there is no Dockerfile`,
    {
      next: `give a service of ${stackFile} its build: FOLDER (docker stack deploy ignores that), then the same command again`,
    },
  );
}

async function unitTestsIn(folder: string): Promise<Seen["unitTests"]> {
  const has = (name: string): Promise<boolean> => isFile(join(folder, name));
  if (await has("package.json")) {
    const prepare = (await has("package-lock.json")) ? { prepare: ["npm", "ci"] } : {};
    return { ...prepare, run: ["npm", "test"] };
  }
  if (await has("go.mod")) return { run: ["go", "test", "./..."] };
  if (await has("Cargo.toml")) return { run: ["cargo", "test"] };
  if (await has("Makefile")) return { run: ["make", "test"] };
  return undefined;
}

/** `My Shop_2` → `my-shop-2`. */
export const nameFrom = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-$/, "") || "application";

/**
 * Looks for what a folder has of what a delivery needs.
 * @throws UsageError when there is neither a Compose file nor a Dockerfile, or nothing tells what is built
 */
export async function lookInto(folder: string): Promise<Seen> {
  const name = nameFrom(folder);
  const stackFile = await firstOf(folder, composeFiles);
  const unitTests = await unitTestsIn(folder);
  const told = { name, ...(unitTests ? { unitTests } : {}) };
  if (stackFile !== undefined) return { ...told, stackFile, ...(await builtIn(folder, stackFile)) };
  if (await isFile(join(folder, itself.dockerfile))) return { ...told, services: [{ name: "web", build: itself }] };
  throw new UsageError(`${folder} has neither a Compose file nor a Dockerfile`, {
    next: `write one of ${composeFiles.slice(0, 4).join(", ")} or Dockerfile, then the same command again`,
  });
}
