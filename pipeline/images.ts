import { relative } from "node:path";

import { Registry } from "../registry/client.ts";
import { writeWhole } from "../registry/writing.ts";
import type { Delivery } from "../settings/delivery.ts";
import { short } from "../settings/release.ts";
import { StepFailure } from "./errors.ts";
import type { LogFile } from "./log-file.ts";
import { knownCause } from "./pulumi-errors.ts";
import { digestOfTag } from "./registry.ts";
import { runCommand } from "./run-command.ts";

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
  `org.opencontainers.image.revision=${commit}`,
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

interface BuildOptions {
  delivery: Delivery;
  checkout: string;
  commit: string;
  registry: string;
  signal: AbortSignal;
  log: LogFile;
  detail: (text: string) => void;
}

/**
 * Builds and pushes every image of a commit, once: what the registry has for the commit already is used as it is.
 * @returns each image by digest
 */
export async function buildImages(options: BuildOptions): Promise<Record<string, string>> {
  const { delivery, commit, registry, signal } = options;
  const images: Record<string, string> = {};
  for (const [name, image] of Object.entries(delivery.images)) {
    const repository = `${delivery.name}/${name}`;
    const job: ImageJob = { ...options, repository, tag: short(commit) };
    const present = await digestOfTag(registry, repository, job.tag, signal);
    options.log.note(present ? `${reference(job)} is in the registry already` : `${reference(job)} is to be built`);
    images[name] = `${registry}/${repository}@${present ?? (await build(image, job))}`;
  }
  return images;
}
