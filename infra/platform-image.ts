import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { imageHash } from "../images/hash.ts";
import { ownScript } from "./own-script.ts";

export interface PlatformImageArgs {
  /** A folder of images/. */
  image: string;
  /** The registry to push to, `host:port`; without it the image stays on this machine's engine. */
  push?: pulumi.Input<string>;
  /** The image that it is built on, where that is one of these. */
  from?: PlatformImage;
}

/** One of the images that the embedded default needs, built again only when its folder changes. */
export class PlatformImage extends pulumi.ComponentResource {
  /** The image by digest where it is pushed, else its id. */
  readonly reference: pulumi.Output<string>;

  constructor(name: string, args: PlatformImageArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:PlatformImage", name, {}, opts);
    const build = [...ownScript, "images/build.ts"];
    const built = new command.local.Command(
      `${name}-build`,
      {
        interpreter: args.push === undefined ? build : [...build, args.image, "--push"],
        create: args.push ?? args.image,
        triggers: [imageHash(args.image), ...(args.from ? [args.from.reference] : [])],
      },
      { parent: this },
    );
    this.reference = built.stdout;
    this.registerOutputs({ reference: this.reference });
  }
}
