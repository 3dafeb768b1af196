import { relative } from "node:path";

import { Registry } from "../registry/client.ts";
import { writeWhole } from "../registry/writing.ts";
import type { Delivery } from "../settings/delivery.ts";
import { short } from "../settings/release.ts";
import { type BuiltImage, builtImage, revisionLabel } from "./built-image.ts";
import { StepFailure } from "./errors.ts";
import type { LogFile } from "./log-file.ts";
import { knownCause } from "./pulumi-errors.ts";
import { digestOfTag } from "./registry.ts";
import { runCommand } from "./run-command.ts";
import { inputsTag, type Limits, takeOver } from "./unchanged-image.ts";

type Image = Delivery["images"][string];

interface ImageJob {
  registry: string;
  repository: string;
  tag: string;
  commit: string;
  /** The checkout that paths are shown relative to. */
  checkout: string;
  signal: AbortSignal;
  log: LogFile;
  detail: (text: string) => void;
}

const reference = ({ registry, repository, tag }: ImageJob): string => `${registry}/${repository}:${tag}`;

/** The arguments that build an image. */
export const buildCommand = (image: Image, name: string, commit: string): string[] => [
  "docker",
  "build",
  // The classic builder would leave the container of a step that failed.
  "--force-rm",
  "--tag",
  name,
  "--label",
  `${revisionLabel}=${commit}`,
  "--file",
  image.dockerfile,
  image.context,
];

async function runDocker(command: string[], what: string, job: ImageJob): Promise<void> {
  const { checkout, signal, log } = job;
  const onOutput = (text: string): void => job.detail(text.trim().split("\n").at(-1) ?? "");
  const result = await runCommand(command, { cwd: checkout, signal, log, timeoutSeconds: 1_800, onOutput });
  if (result.exitCode === 0) return;
  const details = log.tail(25);
  const cause = knownCause(details.join("\n"));
  if (result.timedOut) {
    const next = `${command.join(" ")} (shows where it hangs)`;
    throw new StepFailure(`${what} took longer than 30 minutes`, { details, next });
  }
  throw new StepFailure(cause ? `${what}: ${cause.reason}` : `${what} failed`, {
    details,
    ...(cause ? { next: cause.next } : {}),
  });
}

/** The Docker CLI does not wait for a registry that takes no writes for a while, nor say that it was that. */
const isUnexplained = (error: unknown): boolean => error instanceof StepFailure && error.next === undefined;

async function build(image: Image, job: ImageJob): Promise<string> {
  const name = reference(job);
  const dockerfile = relative(job.checkout, image.dockerfile);
  await runDocker(buildCommand(image, name, job.commit), `Building ${job.repository} from ${dockerfile}`, job);
  const push = (): Promise<void> => runDocker(["docker", "push", name], `Pushing ${name}`, job);
  await writeWhole(new Registry(job.registry, { signal: job.signal }), job.repository, push, isUnexplained);
  const digest = await digestOfTag(job.registry, job.repository, job.tag, job.signal);
  if (!digest) throw new StepFailure(`The registry at ${job.registry} does not have ${name} right after the push`);
  return digest;
}

/** An image of a release, and what it was built from. */
export interface ReleaseImage extends Pick<BuiltImage, "builtFrom"> {
  /** By digest. */
  reference: string;
  /** SHA-256 of its inputs. */
  inputs: string;
}

export interface BuildOptions extends Limits {
  delivery: Delivery;
  checkout: string;
  commit: string;
  /** What each image is built from, as `inputsOf` gives it. */
  inputs: Record<string, string>;
  registry: string;
  /** Build also what was built from the same inputs for another commit. */
  again: boolean;
  log: LogFile;
  detail: (text: string) => void;
}

/** Builds an image, for those that come after to take over if they change nothing of it. */
async function built(image: Image, inputs: string, job: ImageJob): Promise<string> {
  const digest = await build(image, job);
  await new Registry(job.registry, { signal: job.signal }).tag(job.repository, digest, inputsTag(inputs));
  return digest;
}

async function imageOf(name: string, wantedImage: Image, options: BuildOptions): Promise<ReleaseImage> {
  const { delivery, commit, registry: host, again, signal, log } = options;
  const repository = `${delivery.name}/${name}`;
  const job: ImageJob = { ...options, repository, tag: short(commit) };
  const inputs = options.inputs[name] ?? "";
  const present = await digestOfTag(host, repository, job.tag, signal);
  const wanted = { registry: host, application: delivery.name, name, inputs, tag: job.tag };
  const taken = present || again ? undefined : await takeOver(wanted, options);
  if (present) log.note(`${reference(job)} is in the registry already`);
  else if (taken)
    log.note(`${reference(job)} is as built from ${short(taken.image.builtFrom)}: its inputs are the same`);
  else log.note(`${reference(job)} is to be built`);
  try {
    const digest = present ?? taken?.image.digest ?? (await built(wantedImage, inputs, job));
    // What is there already may be an earlier commit's, too.
    const image = present ? await builtImage(new Registry(host, { signal }), repository, digest) : taken?.image;
    return { reference: `${host}/${repository}@${digest}`, inputs, builtFrom: image?.builtFrom ?? commit };
  } finally {
    await taken?.letGo();
  }
}

/**
 * Builds and pushes every image of a commit, once: what the registry has for the commit already is used as it is, and so is what was
 * built from the same inputs for another one.
 * @returns each image with what it was built from
 * @throws StepFailure
 */
export async function buildImages(options: BuildOptions): Promise<Record<string, ReleaseImage>> {
  const images: Record<string, ReleaseImage> = {};
  for (const [name, image] of Object.entries(options.delivery.images)) {
    images[name] = await imageOf(name, image, options);
  }
  return images;
}
