import { setTimeout as sleep } from "node:timers/promises";

import { StepFailure } from "./errors.ts";

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Docker's own rule: only what is on this machine may be spoken to in clear text. */
const isLocal = (host: string): boolean => /^(127\.[\d.]+|localhost|\[::1\])(:\d+)?$/.test(host);

const address = (host: string, path: string): string => `${isLocal(host) ? "http" : "https"}://${host}/v2/${path}`;

const ask = (host: string, path: string, method: string, signal: AbortSignal): Promise<Response> =>
  fetch(address(host, path), {
    method,
    headers: { accept: manifestTypes },
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });

/** Whether a registry answers; one that has just been started gets a few seconds for it. */
export async function registryAnswers(host: string, signal: AbortSignal): Promise<boolean> {
  for (let tries = 0; tries < 20 && !signal.aborted; tries++) {
    const response = await ask(host, "", "GET", signal).catch(() => undefined);
    await response?.body?.cancel();
    if (response && response.status < 500) return true;
    await sleep(250);
  }
  return false;
}

/**
 * The digest that a tag has in a registry; undefined when there is no such tag.
 * @throws StepFailure when the registry does not answer
 */
export async function digestOfTag(
  host: string,
  repository: string,
  tag: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const response = await ask(host, `${repository}/manifests/${tag}`, "HEAD", signal).catch((cause: unknown) => {
    throw new StepFailure(`The registry at ${host} does not answer`, {
      next: "npm run promote (it looks after the registry first)",
      cause,
    });
  });
  if (response.status === 404) return undefined;
  if (!response.ok)
    throw new StepFailure(`The registry at ${host} answered ${response.status} for ${repository}:${tag}`);
  return response.headers.get("docker-content-digest") ?? undefined;
}
