import * as pulumi from "@pulumi/pulumi";

import { ContentSecret } from "./content-named.ts";
import { Password } from "./password.ts";
import { Service } from "./service.ts";
import type { SwarmTarget } from "./swarm-target.ts";

export interface DatabaseArgs {
  image: pulumi.Input<string>;
  /** The overlay network that its clients reach it by. */
  network: pulumi.Input<string>;
  /** The placement constraint that names the one node that keeps the data. */
  node: string;
  /** The name of the database, and of the user who owns it. */
  database: string;
}

/** The file in which a container that is given the owner's password finds it. */
export const ownerPasswordFile = "/run/secrets/database-password";

/** PostgreSQL with a password of its own and a volume that outlives every release. */
export class Database extends pulumi.ComponentResource {
  readonly service: Service;
  /** What the database and the user who owns it are called. */
  readonly name: string;
  /** The password of the user who owns the database. An application has a login of its own. */
  readonly password: ContentSecret;

  constructor(name: string, target: SwarmTarget, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:Database", name, {}, opts);
    this.name = args.database;
    const { value } = new Password(`${name}-password`, { parent: this });
    this.password = new ContentSecret(`${name}-password`, target, { content: value, version: "1" }, { parent: this });
    this.service = new Service(
      name,
      target,
      {
        image: args.image,
        networks: [args.network],
        env: {
          POSTGRES_USER: args.database,
          POSTGRES_DB: args.database,
          POSTGRES_PASSWORD_FILE: ownerPasswordFile,
        },
        secrets: [{ secret: this.password, file: ownerPasswordFile, mode: 0o444 }],
        volumes: [{ name: `${target.environment}_${name}`, target: "/var/lib/postgresql/data" }],
        constraints: [args.node],
        memory: 256,
        // Two servers must never share the data.
        order: "stop-first",
        stopGrace: 30,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
