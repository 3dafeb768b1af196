import { join } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { assertProved } from "../evidence/of-release.ts";
import { providerArgs } from "../infra/existing-cluster.ts";
import type { Declared, Given } from "../infra/program.ts";
import { plainError, swarmTarget } from "../infra/swarm-target.ts";
import { applicationSettings } from "../settings/application.ts";
import { type Delivery, readDelivery } from "../settings/delivery.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { type HandedApplication, handedApplication } from "../settings/handed-application.ts";
import { projectName } from "../settings/project.ts";
import type { Release } from "../settings/release.ts";
import { connect } from "../swarm/engine.ts";
import { nodeAddresses } from "../swarm/node-addresses.ts";
import { portsOfOthers } from "../swarm/taken-ports.ts";
import { platform } from "./platform.ts";
import { declareProgram } from "./programmed.ts";
import { declareStackFile } from "./stack-filed.ts";
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

/** What the application's delivery.yaml says. */
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
async function swarmOf({ environment }: ApplicationIn): Promise<{ engine: string; dataNode: string; nodes: unknown }> {
  const stack = new pulumi.StackReference("environment", { name: `organization/${projectName}/${environment}` });
  const [engine, dataNode, nodes] = await Promise.all(
    ["engine", "dataNode", "nodes"].map(async (key) => (await stack.getOutputDetails(key)).value),
  );
  if (typeof engine === "string" && typeof dataNode === "string") return { engine, dataNode, nodes };
  const lacking =
    typeof engine === "string" ? `${environment} does not say where data is kept` : `There is no ${environment} yet`;
  throw refused(`${lacking}; run: pulumi up -s ${environment}`);
}

/** Two that open one port of a node would wait for each other until their rollouts have failed. */
async function demandPorts({ name, environment }: ApplicationIn, { port, tlsPort }: Delivery, engine: string) {
  const wanted = [port, tlsPort].filter((one) => one !== undefined);
  // All services of the Swarm are looked at for it, however many others' they are.
  if (wanted.length === 0) return;
  const taken = await portsOfOthers(connect(engine), name);
  for (const one of wanted) {
    const by = taken.get(one);
    if (by)
      throw refused(`delivery.yaml: port ${one} of the nodes of ${environment} is ${by}'s; give ${name} another one`);
  }
}

function declare(delivery: Delivery, given: Given): Promise<Declared[]> | Declared[] {
  // Files are named in messages as they are in the repository.
  process.chdir(delivery.folder);
  if (delivery.program !== undefined) return declareProgram(delivery.program, given);
  return declareStackFile(delivery, given);
}

const allReady = (declared: readonly Declared[]): pulumi.Output<unknown> =>
  pulumi.all(declared.flatMap(({ ready }) => (pulumi.Output.isInstance(ready) ? [ready] : Object.values(ready))));

/** An application of its own, in the Swarm that an environment's stack made. */
export async function application(stack: string, of: ApplicationIn): Promise<Record<string, unknown>> {
  const handedOver = handed(of);
  const [state, { images, registry }, { engine, dataNode, nodes }] = await Promise.all([
    stateOf(stack),
    platform(),
    swarmOf(of),
  ]);
  const { release, previous, known, contents } = state;
  if (!release) {
    throw refused(
      `Nothing of ${of.name} was delivered to ${of.environment} yet; run: npm run promote -- --source PATH`,
    );
  }
  if (!known) await demandProof(of, release, handedOver);
  const delivery = await described(of, handedOver);
  const [hosts] = await Promise.all([nodeAddresses(connect(engine)), demandPorts(of, delivery, engine)]);

  const provider = new docker.Provider("swarm", providerArgs({ engine, registry: registry.host }));
  const { certificate, linger } = applicationSettings(stack, pulumi.runtime.allConfig());
  const declared = await declare(delivery, {
    environment: of.environment,
    target: swarmTarget(of.name, engine, provider, { contents }),
    release,
    nodes: hosts.map(({ name }) => name),
    dataNode,
    images,
    certificate,
    linger,
  });
  const ready = allReady(declared);
  const { port } = delivery;
  return {
    addresses: port === undefined ? [] : hosts.map(({ address }) => `http://${address}:${port}`),
    engine,
    nodes,
    services: Object.assign({}, ...declared.map(({ runs }) => runs)),
    files: Object.assign({}, ...declared.map(({ files }) => files)),
    // Known once it really runs: after a failed rollout, the stack keeps the release that it had.
    release: ready.apply(() => release),
    previous: ready.apply(() => previous ?? null),
    contents: contents.outputs,
  };
}
