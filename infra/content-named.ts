import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { namespaceLabel } from "../swarm/services.ts";
import { childOptions, type SwarmTarget } from "./swarm-target.ts";

export interface ContentNamedArgs {
  content: pulumi.Input<string>;
}

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

/**
 * The name of something whose content cannot be changed in place: a new content is a new name, so services move from the
 * old one to the new one and the old one goes last. The hash is not a secret, whatever the content.
 */
const contentName = (target: SwarmTarget, name: string, content: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.unsecret(pulumi.output(content).apply((text) => `${target.environment}_${name}-${hash(text)}`));

/** The new one first, though the provider would have the old one deleted first: services still use that. */
const newFirst = { deleteBeforeReplace: false };

const labels = (target: SwarmTarget) => [{ label: namespaceLabel, value: target.environment }];

/** A Swarm config named by its content. */
export class ContentConfig extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;

  constructor(name: string, target: SwarmTarget, args: ContentNamedArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:ContentConfig", name, {}, opts);
    const config = new docker.ServiceConfig(
      `${name}-config`,
      { name: contentName(target, name, args.content), data: pulumi.output(args.content).apply(base64) },
      childOptions(target, this, newFirst),
    );
    this.id = config.id;
    this.name = config.name;
    this.registerOutputs({ name: this.name });
  }
}

/** A Swarm secret named by its content. The content is encrypted in Pulumi's state. */
export class ContentSecret extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;

  constructor(name: string, target: SwarmTarget, args: ContentNamedArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:ContentSecret", name, {}, opts);
    const content = pulumi.secret(args.content);
    const secret = new docker.Secret(
      `${name}-secret`,
      { name: contentName(target, name, content), data: content.apply(base64), labels: labels(target) },
      childOptions(target, this, newFirst),
    );
    this.id = secret.id;
    this.name = secret.name;
    this.registerOutputs({ name: this.name });
  }
}
