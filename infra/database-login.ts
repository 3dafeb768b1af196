import * as pulumi from "@pulumi/pulumi";

import { ContentSecret } from "./content-named.ts";
import { type Database, ownerPasswordFile } from "./database.ts";
import { Password } from "./password.ts";
import { Service } from "./service.ts";
import type { SwarmTarget } from "./swarm-target.ts";

export interface DatabaseLoginArgs {
  database: Database;
  /** The image of the database. */
  image: pulumi.Input<string>;
  /** The overlay network on which the database is reached. */
  network: pulumi.Input<string>;
  /** Which password it has: another number is another login with a new password. */
  version: number;
}

const passwordFile = "/run/secrets/login-password";

/**
 * What an application logs in to the database with. A password is never changed while tasks use it: another one comes with
 * another login, and the one before it works until there is a third. So tasks move over one by one, and back.
 */
export class DatabaseLogin extends pulumi.ComponentResource {
  readonly user: string;
  readonly password: ContentSecret;
  /** Makes the login; it has run to its end when an application may use it. */
  readonly service: Service;

  constructor(name: string, target: SwarmTarget, args: DatabaseLoginArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:DatabaseLogin", name, {}, opts);
    const { database, version } = args;
    this.user = `${database.name}_${version}`;
    const { value } = new Password(`${name}-${version}`, { parent: this });
    this.password = new ContentSecret(name, target, { content: value, version: String(version) }, { parent: this });
    this.service = new Service(
      name,
      target,
      {
        image: args.image,
        networks: [args.network],
        args: ["add-login"],
        env: {
          POSTGRES_HOST: database.service.serviceName,
          POSTGRES_USER: database.name,
          POSTGRES_DB: database.name,
          POSTGRES_PASSWORD_FILE: ownerPasswordFile,
          LOGIN: this.user,
          LOGIN_PASSWORD_FILE: passwordFile,
        },
        secrets: [
          { secret: database.password, file: ownerPasswordFile, mode: 0o444 },
          { secret: this.password, file: passwordFile, mode: 0o444 },
        ],
        memory: 64,
        completes: true,
      },
      { parent: this, dependsOn: database.service.ready },
    );
    this.registerOutputs({});
  }
}
