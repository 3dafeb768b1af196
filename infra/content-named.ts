import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { namespaceLabel } from "../swarm/services.ts";
import type { KeyedContent } from "./contents.ts";
import { childOptions, type SwarmTarget } from "./swarm-target.ts";

/** A content, and what stands for it where it is not known beforehand, such as that of a generated password. */
export type ContentNamedArgs = { content: string } | { content: pulumi.Input<string>; version: string };

interface Named {
  name: pulumi.Output<string>;
  data: pulumi.Output<string>;
}

type Maker = (
  name: string,
  args: Named,
  options: pulumi.CustomResourceOptions,
) => pulumi.CustomResource & { name: pulumi.Output<string> };

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

const keyed = (args: ContentNamedArgs): KeyedContent => ({
  key: "version" in args ? args.version : hash(args.content),
  content: args.content,
});

/**
 * Something in a Swarm whose content cannot be changed in place, and which is named by it. Another content is a resource of
 * its own, so that services move to it before the old one goes. The last one before stays, since what ran before refers
 * to it: `docker service rollback` needs it, and so does a release that is gone back to.
 */
class ContentNamed extends pulumi.ComponentResource {
  readonly id: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;

  constructor(
    kind: string,
    maker: Maker,
    name: string,
    target: SwarmTarget,
    args: ContentNamedArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(`slipway:infra:${kind}`, name, {}, opts);
    const options = childOptions(target, this, opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn });
    const make = ({ key, content }: KeyedContent) => {
      const text = pulumi.output(content);
      // The hash is not a secret, whatever the content.
      const swarmName = pulumi.unsecret(text.apply((known) => `${target.environment}_${name}-${hash(known)}`));
      return maker(`${name}-${key}`, { name: swarmName, data: text.apply(base64) }, options);
    };
    const now = keyed(args);
    const before = target.contents.before(name, now);
    const made = make(now);
    if (before) make(before);
    this.id = made.id;
    this.name = made.name;
    this.registerOutputs({ name: this.name });
  }
}

/** A Swarm config named by its content. */
export class ContentConfig extends ContentNamed {
  constructor(name: string, target: SwarmTarget, args: ContentNamedArgs, opts?: pulumi.ComponentResourceOptions) {
    const make: Maker = (own, named, options) => new docker.ServiceConfig(`${own}-config`, named, options);
    super("ContentConfig", make, name, target, args, opts);
  }
}

/** A Swarm secret named by its content. The content is encrypted in Pulumi's state. */
export class ContentSecret extends ContentNamed {
  constructor(name: string, target: SwarmTarget, args: ContentNamedArgs, opts?: pulumi.ComponentResourceOptions) {
    const labels = [{ label: namespaceLabel, value: target.environment }];
    const make: Maker = (own, { name: swarmName, data }, options) =>
      new docker.Secret(`${own}-secret`, { name: swarmName, data: pulumi.secret(data), labels }, options);
    super("ContentSecret", make, name, target, args, opts);
  }
}
