import type * as pulumi from "@pulumi/pulumi";

import type { Database } from "../infra/database.ts";
import type { DatabaseLogin } from "../infra/database-login.ts";
import { type Route, room } from "../infra/haproxy-config.ts";
import { Service, type ServiceArgs } from "../infra/service.ts";
import type { SwarmTarget } from "../infra/swarm-target.ts";
import type { EnvironmentSettings } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";

export interface DemoArgs {
  release: Release;
  settings: EnvironmentSettings;
  database: Database;
  login: DatabaseLogin;
  /** The network on which the edge reaches it. */
  front: pulumi.Input<string>;
  /** The network on which it reaches the database. */
  data: pulumi.Input<string>;
}

const passwordFile = "/run/secrets/database-password";

/** How the edge reaches the demo. */
export const demoRoute = (environment: string, { replicas }: EnvironmentSettings): Route => ({
  service: `${environment}_app`,
  port: 3000,
  path: "/demo",
  health: "/demo/health",
  tasks: room(replicas),
});

/** The demo: migrations run once for the release, then its tasks replace those of the release before. */
export function demo(target: SwarmTarget, args: DemoArgs): { app: Service; migrate: Service } {
  const { release, settings, database, login } = args;
  const common: Omit<ServiceArgs, "networks"> = {
    image: release.images.app as string,
    commit: release.commit,
    memory: settings.memory,
    monitor: settings.monitor,
    env: {
      RELEASE_COMMIT: release.commit,
      RELEASE_VERSION: release.version,
      DATABASE_HOST: database.service.serviceName,
      DATABASE_USER: login.user,
      DATABASE_NAME: database.name,
      DATABASE_PASSWORD_FILE: passwordFile,
      DRAIN_SECONDS: String(settings.drain),
    },
    secrets: [{ secret: login.password, file: passwordFile, mode: 0o444 }],
  };
  const migrate = new Service(
    "migrate",
    target,
    { ...common, networks: [args.data], args: ["node", "src/migrate.ts"], completes: true },
    { dependsOn: login.service.ready },
  );
  const app = new Service(
    "app",
    target,
    { ...common, networks: [args.front, args.data], replicas: settings.replicas, stopGrace: settings.drain + 10 },
    { dependsOn: migrate.ready },
  );
  return { app, migrate };
}
