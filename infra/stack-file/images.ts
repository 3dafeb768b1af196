import type * as pulumi from "@pulumi/pulumi";

import type { Stack } from "./model.ts";
import type { Tell } from "./rules.ts";

/** Images by digest, by the name that the file has for them. */
export type Images = Readonly<Record<string, pulumi.Input<string>>>;

const digest = /@sha256:[0-9a-f]{64}$/;

/**
 * The image of each service by digest. A tag can be another image tomorrow, so one that is not by digest is told.
 * @param images what stands for images in the file
 */
export function imagesOf(stack: Stack, images: Images, tell: Tell): Record<string, pulumi.Input<string>> {
  const services = Object.entries(stack.services).map(([name, { image = "" }]) => {
    const given = images[image] ?? image;
    if (image !== "" && typeof given === "string" && !digest.test(given)) {
      tell(
        `services.${name}.image`,
        `${given} is not named by digest; put @sha256:… behind it, or give it in \`images\``,
      );
    }
    return [name, given] as const;
  });
  const named = Object.values(stack.services).map(({ image }) => image);
  for (const image of Object.keys(images).filter((one) => !named.includes(one))) {
    tell("services", `\`images\` has ${image}, which is the image of no service`);
  }
  return Object.fromEntries(services);
}
