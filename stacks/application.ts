import { join, relative } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { assertProved } from "../evidence/of-release.ts";
import { Edge } from "../infra/edge.ts";
import { type Route, room } from "../infra/haproxy-config.ts";
import { StackFile } from "../infra/stack-file.ts";
import { plainError, type SwarmTarget, swarmTarget } from "../infra/swarm-target.ts";
import { applicationSettings } from "../settings/application.ts";
import { type Delivery, readDelivery } from "../settings/delivery.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { type HandedApplication, handedApplication } from "../settings/handed-application.ts";
import { projectName } from "../settings/project.ts";
import type { Release } from "../settings/release.ts";
import { connect } from "../swarm/engine.ts";
import { nodeAddresses } from "../swarm/node-addresses.ts";
import { platform } from "./platform.ts";
import { stateOf } from "./state.ts";

/** An application of its own in one environment. */
export interface ApplicationIn {
  name: string;
  environment: EnvironmentName;
}

const refused = (message: string): pulumi.RunError => plainError(new Error(message));

function handed({ name }: ApplicationIn): HandedApplication {
  const given = handedApplication();
  if (given) return given;
  throw refused(
    `Nothing says where the repository of ${name} is; run: eval "$(npm run -s promote -- env --source PATH)"`,
  );
}

/** What the application's files say, with the stack file's paths as people know them. */
async function described(application: ApplicationIn, { root, description }: HandedApplication): Promise<Delivery> {
  const delivery = await readDelivery(join(root, description), root);
  if (delivery.name !== application.name) {
    throw refused(`${description} in ${root} describes ${delivery.name}, and this stack is of ${application.name}`);
  }
  return delivery;
}

/** Refuses a release that has not proved what the environment demands; a preview, which deploys nothing, only says so. */
async function demandProof({ environment }: ApplicationIn, release: Release, { demands }: HandedApplication) {
  if (!demands) return;
  const { days, ...approvals } = demands;
  await assertProved(environment, release, { days, approvals }).catch((error: Error) => {
    if (!pulumi.runtime.isDryRun()) throw error;
    return pulumi.log.warn(error.message);
  });
}

/** What the environment's own stack says of its Swarm. */
async function swarmOf({ environment }: ApplicationIn): Promise<{ engine: string; nodes: unknown }> {
  const stack = new pulumi.StackReference("environment", { name: `organization/${projectName}/${environment}` });
  const [engine, nodes] = await Promise.all(["engine", "nodes"].map((key) => stack.getOutputDetails(key)));
  if (typeof engine?.value === "string") return { engine: engine.value, nodes: nodes?.value };
  throw refused(`There is no ${environment} yet; run: pulumi up -s ${environment}`);
}

/** The images by digest, by the names that the stack file has for them. */
const imagesFor = ({ name, images }: Delivery, release: Release): Record<string, string> =>
  Object.fromEntries(
    Object.entries(images).map(([key, { image }]) => [image ?? `${name}/${key}`, release.images[key] as string]),
  );

function declare(target: SwarmTarget, { name, environment }: ApplicationIn, delivery: Delivery, release: Release) {
  const { folder, stackFile = [], overrides, completes } = delivery;
  // Files are named in messages as they are in the repository.
  process.chdir(folder);
  return new StackFile(name, target, {
    file: [...stackFile, ...(overrides[environment] ?? [])].map((file) => relative(folder, file)),
    images: imagesFor(delivery, release),
    variables: { ENVIRONMENT: environment, COMMIT: release.commit, VERSION: release.version },
    completes,
    commit: release.commit,
  });
}

/** The edge's route to a service of the stack file. */
function routeTo(stack: StackFile, target: SwarmTarget, nodes: number, route: Delivery["routes"][number]): Route {
  const service = `${target.environment}_${route.service}`;
  const scale = stack.runs[service];
  if (scale === undefined) throw refused(`delivery.yaml: routes: the stack file has no service ${route.service}`);
  if (scale === "once") throw refused(`delivery.yaml: routes: ${route.service} runs to its end, and serves nobody`);
  const { host, path, port, health = path } = route;
  const tasks = room(scale === "global" ? nodes : scale);
  return { service, port, path, health, tasks, ...(host === undefined ? {} : { host }) };
}

/** An edge of the application's own, on ports of its own; none where nothing is routed. */
function edgeOf(stack: StackFile, target: SwarmTarget, delivery: Delivery, nodes: number): Edge | undefined {
  const { routes, port, tlsPort } = delivery;
  if (routes.length === 0 || port === undefined) return undefined;
  const taken = ["edge", "door"].find((name) => `${target.environment}_${name}` in stack.runs);
  if (taken)
    throw refused(`The stack file has a service ${taken}, which is what a part of the application's edge is called`);
  const { certificate, linger } = applicationSettings(pulumi.getStack(), pulumi.runtime.allConfig());
  const networks = [...new Set(routes.flatMap(({ service }) => stack.networks[service] ?? []))];
  return new Edge("edge", target, {
    images: platform().images,
    networks,
    routes: routes.map((route) => routeTo(stack, target, nodes, route)),
    ports: { http: port, https: tlsPort ?? 0 },
    linger,
    ...(tlsPort === undefined ? {} : { certificate }),
  });
}

/** An application that a stack file describes, in a Swarm that an environment's stack made. */
export async function application(stack: string, of: ApplicationIn): Promise<Record<string, unknown>> {
  const given = handed(of);
  const { release, previous, known, contents } = await stateOf(stack);
  if (!release) {
    throw refused(
      `Nothing of ${of.name} was delivered to ${of.environment} yet; run: npm run promote -- --source PATH`,
    );
  }
  if (!known) await demandProof(of, release, given);
  const delivery = await described(of, given);
  const { engine, nodes } = await swarmOf(of);
  const provider = new docker.Provider("swarm", { host: engine });
  const target = swarmTarget(of.name, engine, provider, { contents });
  const hosts = await nodeAddresses(connect(engine));

  const declared = declare(target, of, delivery, release);
  const edge = edgeOf(declared, target, delivery, hosts.length);
  const services = [declared, edge?.service, edge?.door].filter((one) => one !== undefined);
  const ready = pulumi.all(Object.values(declared.ready));
  return {
    addresses: delivery.port === undefined ? [] : hosts.map((host) => `http://${host}:${delivery.port}`),
    engine,
    nodes,
    services: Object.assign({}, ...services.map(({ runs }) => runs)),
    files: Object.assign({}, ...services.map(({ files }) => files)),
    // Known once it really runs: after a failed rollout, the stack keeps the release that it had.
    release: ready.apply(() => release),
    previous: ready.apply(() => previous ?? null),
    contents: contents.outputs,
  };
}
