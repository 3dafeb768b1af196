import { relative } from "node:path";

import { planStack } from "../infra/stack-file/plan.ts";
import { throwProblems } from "../infra/stack-file/problems.ts";
import type { Delivery } from "../settings/delivery.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";

/** The images by digest, by the names that the stack file has for them. */
const imagesFor = ({ name, images }: Delivery, release: Release): Record<string, string> =>
  Object.fromEntries(
    Object.entries(images).map(([key, { image }]) => [image ?? `${name}/${key}`, release.images[key] as string]),
  );

/** What an environment makes of an application's stack file; files are named as in the repository. */
export function argsIn(delivery: Delivery, environment: EnvironmentName, release: Release) {
  const { folder, stackFile = [], overrides, completes } = delivery;
  return {
    file: [...stackFile, ...(overrides[environment] ?? [])].map((file) => relative(folder, file)),
    images: imagesFor(delivery, release),
    variables: { ENVIRONMENT: environment, COMMIT: release.commit, VERSION: release.version },
    completes,
  };
}

/** A release that stands for one that is still to be built. */
const unbuilt = ({ name, images }: Delivery): Release => {
  const image = `${name}/image@sha256:${"0".repeat(64)}`;
  const digests = Object.fromEntries(Object.keys(images).map((key) => [key, image]));
  return { application: name, commit: "0".repeat(40), version: "0", images: digests };
};

/**
 * Makes sure of all that can be known of an application's stack file before there is an image or a Swarm.
 * @throws StackFileError naming each problem with its file and line
 */
export function assertStackFile(delivery: Delivery, environment: EnvironmentName): void {
  const { file, ...options } = argsIn(delivery, environment, unbuilt(delivery));
  const { services } = planStack(file, options).stack;
  const nowhere = delivery.routes.filter(({ service }) => !(service in services));
  throwProblems(
    nowhere.map(({ service }) => ({
      file: "delivery.yaml",
      at: "routes",
      what: `the stack file has no service ${service}`,
    })),
  );
}
