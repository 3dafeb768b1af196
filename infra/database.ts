import * as pulumi from "@pulumi/pulumi";

import { ContentSecret } from "./content-named.ts";
import { Password } from "./password.ts";
import { Service } from "./service.ts";
import type { SwarmTarget } from "./swarm-target.ts";

export interface DatabaseArgs {
  image: pulumi.Input<string>;
  /** The overlay network that its clients reach it by. */
  network: pulumi.Input<string>;
  /** The host name of the node that keeps the data. */
  node: string;
  /** The name of the database, and of the user who owns it. */
  database: string;
}

/** PostgreSQL with a password of its own and a volume that outlives every release. */
export class Database extends pulumi.ComponentResource {
  readonly service: Service;
  /** The password of the user who owns the database. */
  readonly password: ContentSecret;

  constructor(name: string, target: SwarmTarget, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:Database", name, {}, opts);
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
          POSTGRES_PASSWORD_FILE: "/run/secrets/database-password",
        },
        secrets: [{ secret: this.password, file: "/run/secrets/database-password", mode: 0o444 }],
        volumes: [{ name: `${target.environment}_${name}`, target: "/var/lib/postgresql/data" }],
        constraints: [`node.hostname==${args.node}`],
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
