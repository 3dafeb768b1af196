import * as pulumi from "@pulumi/pulumi";

import { assertProved } from "../evidence/of-release.ts";
import { Database } from "../infra/database.ts";
import { DatabaseLogin } from "../infra/database-login.ts";
import { Edge } from "../infra/edge.ts";
import { OverlayNetwork } from "../infra/overlay-network.ts";
import { swarmTarget } from "../infra/swarm-target.ts";
import { type EnvironmentName, type EnvironmentSettings, environmentSettings } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import { clusterOf } from "./cluster.ts";
import { demo, demoRoute } from "./demo.ts";
import { platform } from "./platform.ts";
import { stateOf } from "./state.ts";

/** Refuses a release that has not proved what the environment demands; a preview, which deploys nothing, only says so. */
const demandProof = (name: EnvironmentName, release: Release, settings: EnvironmentSettings): Promise<void> =>
  assertProved(name, release, { days: settings.evidenceDays, approvals: settings }).catch((error: Error) => {
    if (!pulumi.runtime.isDryRun()) throw error;
    return pulumi.log.warn(error.message);
  });

/** The one composition that all environments are: a Swarm, the database, the application, and the edge in front. */
export async function environment(name: EnvironmentName): Promise<Record<string, unknown>> {
  const settings = environmentSettings(name, pulumi.runtime.allConfig());
  // First of all: a self-managed backend cannot be read while the update writes what other resources have become.
  const [state, made] = await Promise.all([stateOf(name), platform()]);
  const { release, previous, known, contents, revision } = state;
  const { images } = made;
  if (release && !known) await demandProof(name, release, settings);
  const cluster = await clusterOf(name, settings, made, revision);
  const target = swarmTarget(name, cluster.engine, cluster.provider, { contents, anchor: cluster.anchor });

  const front = new OverlayNetwork("front", target).id;
  const data = new OverlayNetwork("data", target).id;
  const database = new Database("database", target, {
    image: images.postgres,
    network: data,
    node: cluster.dataNode,
    database: "demo",
  });
  const login = new DatabaseLogin("login", target, {
    database,
    image: images.postgres,
    network: data,
    version: settings.databasePassword,
  });
  const application = release && demo(target, { release, settings, database, login, front, data });
  const { certificate, linger } = settings;
  const routes = [demoRoute(name, settings)];
  const edge = new Edge("edge", target, { images, networks: [front], routes, certificate, linger });

  const services = [
    application?.app,
    application?.migrate,
    database.service,
    login.service,
    edge.service,
    edge.door,
  ].filter((service) => service !== undefined);

  return {
    addresses: cluster.addresses,
    engine: cluster.engine,
    nodes: cluster.nodes,
    dataNode: cluster.dataNode,
    services: Object.assign({}, ...services.map(({ runs }) => runs)),
    files: Object.assign({}, ...services.map(({ files }) => files)),
    // Known once it really runs: after a failed rollout, the stack keeps the release that it had.
    release: application ? application.app.ready.apply(() => release) : null,
    previous: application ? application.app.ready.apply(() => previous ?? null) : null,
    contents: contents.outputs,
    ...(cluster.revision === undefined ? {} : { revision: cluster.revision }),
  };
}
