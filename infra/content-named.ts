import { createHash } from "node:crypto";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { namespaceLabel } from "../swarm/services.ts";
import type { KeyedContent } from "./contents.ts";
import { childOptions, type SwarmTarget } from "./swarm-target.ts";

/** A content, and what stands for it where it is not known beforehand, such as that of a generated password. */
export type ContentNamedArgs = ({ content: string } | { content: pulumi.Input<string>; version: string }) & {
  /** What `content` is written in where it is not text. */
  encoding?: "base64";
  /** Labels that it has in Swarm. Others, like another content, are a resource of their own. */
  labels?: Record<string, string>;
  /** What it is called in Swarm, before the hash of its content. Default `ENVIRONMENT_name`. */
  swarmName?: string;
};

interface Named {
  name: pulumi.Output<string>;
  data: pulumi.Output<string>;
  labels?: { label: string; value: string }[];
}

type Maker = (
  name: string,
  args: Named,
  options: pulumi.CustomResourceOptions,
) => pulumi.CustomResource & { name: pulumi.Output<string> };

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

/** What a name tells apart: the content, and the labels where there are any. */
const identity = (content: string, labels: KeyedContent["labels"]): string =>
  labels === undefined ? content : JSON.stringify([content, labels]);

const keyed = (args: ContentNamedArgs): KeyedContent => ({
  key: "version" in args ? args.version : hash(identity(args.content, args.labels)),
  content: args.content,
  ...(args.encoding ? { encoding: args.encoding } : {}),
  ...(args.labels ? { labels: args.labels } : {}),
});

const labelList = (labels: Record<string, string>): { label: string; value: string }[] =>
  Object.entries(labels).map(([label, value]) => ({ label, value }));

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
    const make = ({ key, content, encoding, labels }: KeyedContent) => {
      const text = pulumi.output(content);
      const plainName = args.swarmName ?? `${target.environment}_${name}`;
      // The hash is not a secret, whatever the content.
      const swarmName = pulumi.unsecret(text.apply((known) => `${plainName}-${hash(identity(known, labels))}`));
      const data = encoding === "base64" ? text : text.apply(base64);
      return maker(
        `${name}-${key}`,
        { name: swarmName, data, ...(labels ? { labels: labelList(labels) } : {}) },
        options,
      );
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
    const group = labelList({ [namespaceLabel]: target.environment });
    const make: Maker = (own, { data, labels = group, ...named }, options) =>
      new docker.Secret(`${own}-secret`, { ...named, data: pulumi.secret(data), labels }, options);
    super("ContentSecret", make, name, target, args, opts);
  }
}
