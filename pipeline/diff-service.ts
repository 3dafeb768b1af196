import { digestOf, type Release, short } from "../settings/release.ts";
import { changedPaths, type Inputs, listAt, shown, textAt, valueAt } from "./inputs.ts";
import { plainLine } from "./plain-text.ts";

const container = "taskSpec.containerSpec";
const mebibyte = 1024 * 1024;

/** An image as people know it: its commit where a release has it, and the start of its digest. */
function imageName(image: string | undefined, releases: readonly Release[]): string {
  if (image === undefined) return "none";
  if (!image.includes("@")) return image;
  const digest = digestOf(image).slice(0, "sha256:".length + 12);
  const release = releases.find(({ images }) => Object.values(images).includes(image));
  const repository = image.slice(0, image.indexOf("@")).split("/").slice(1).join("/");
  return release ? `${repository} ${short(release.commit)} (${digest})` : `${repository} (${digest})`;
}

type Sides = readonly [before: Inputs, after: Inputs];

const changed = (label: string, before: string, after: string): string[] =>
  before === after ? [] : [`${label} ${before} → ${after}`];

const imageChange = ([before, after]: Sides, releases: readonly Release[]): string[] => {
  const image = (inputs: Inputs): string => imageName(textAt(inputs, `${container}.image`), releases);
  return changed("image", image(before), image(after));
};

function replicas(inputs: Inputs): string {
  if (valueAt(inputs, "mode.global") === true) return "one on every node";
  return shown(valueAt(inputs, "mode.replicated.replicas"));
}

function memory(inputs: Inputs): string {
  const bytes = valueAt(inputs, "taskSpec.resources.limits.memoryBytes");
  return typeof bytes === "number" ? `${Math.round(bytes / mebibyte)} MiB` : shown(bytes);
}

function environmentChanges([before, after]: Sides): string[] {
  const variables = (inputs: Inputs): Record<string, unknown> =>
    (valueAt(inputs, `${container}.env`) ?? {}) as Record<string, unknown>;
  const [old, now] = [variables(before), variables(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter((name) => !name.startsWith("__"));
  const value = (variable: unknown): string =>
    plainLine(shown(variable), 60).replaceAll(/\b[0-9a-f]{40}\b/g, (commit) => short(commit));
  return names.toSorted().flatMap((name) => changed(`environment ${name}`, value(old[name]), value(now[name])));
}

/** What was added to and taken from a list of things that are known by name. */
function nameChanges([before, after]: Sides, label: string, list: string, key: string): string[] {
  const names = (inputs: Inputs): string[] =>
    listAt(inputs, `${container}.${list}`).map((entry) => shown(valueAt(entry, key)));
  const [old, now] = [names(before), names(after)];
  return [
    ...old.filter((name) => !now.includes(name)).map((name) => `${label} ${name} no longer used`),
    ...now.filter((name) => !old.includes(name)).map((name) => `${label} ${name} used from now on`),
  ];
}

/** Told above in words of their own, or the same thing once more. */
const told = [
  /^name$/,
  /^labels$/,
  /^mode\./,
  /^taskSpec\.containerSpec\.(image|env\..*|secrets|configs)$/,
  /^taskSpec\.resources\.limits\.memoryBytes$/,
];

const others = ([before, after]: Sides): string[] => {
  const paths = changedPaths(before, after).filter((path) => !told.some((pattern) => pattern.test(path)));
  return paths.map(
    (path) => `${path} ${plainLine(shown(valueAt(before, path)), 60)} → ${plainLine(shown(valueAt(after, path)), 60)}`,
  );
};

/** What changes about a service, the image first. */
export function serviceDetails(before: Inputs, after: Inputs, releases: readonly Release[]): string[] {
  const sides: Sides = [before, after];
  const image = textAt(after, `${container}.image`);
  // Of one that is new or goes away, what it runs and how often is enough.
  if (Object.keys(before).length === 0) return [`image ${imageName(image, releases)}`, `replicas ${replicas(after)}`];
  if (Object.keys(after).length === 0) return [];
  return [
    ...imageChange(sides, releases),
    ...changed("replicas", replicas(before), replicas(after)),
    ...changed("memory limit", memory(before), memory(after)),
    ...nameChanges(sides, "secret", "secrets", "secretName"),
    ...nameChanges(sides, "config", "configs", "configName"),
    ...environmentChanges(sides),
    ...others(sides),
  ];
}
