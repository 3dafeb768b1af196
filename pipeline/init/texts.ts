import { stringify } from "yaml";

import { type DeliveryPlan, namesFile } from "./plan.ts";

/** A value on one line of YAML. */
const inline = (value: unknown): string =>
  stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trim();

const imageLines = ({ images }: DeliveryPlan): string =>
  Object.entries(images)
    .map(([name, image]) => `  ${name}: ${inline(image)}`)
    .join("\n");

const testLines = ({ unitTests: { prepare, run } }: DeliveryPlan): string =>
  [...(prepare ? [`  prepare: ${inline(prepare)}`] : []), `  run: ${inline(run)}`].join("\n");

const delivery = (
  plan: DeliveryPlan,
): string => `# What the pipeline needs to know of this application. Paths are relative to this file.
# Slipway's docs/applications.md tells all keys.

# How the application is called in the registry, in its environments and in messages.
name: ${plan.name}

# Step 2. \`prepare\` runs first and needs not be there; neither may need a database or a network of its own.
unitTests:
${testLines(plan)}

# Step 3. Each is built when a commit changed what it is built from, and from then on known by its digest. \`image\` is what the stack file calls it.
images:
${imageLines(plan)}

# Steps 4, 6 and 8: what \`docker stack deploy\` would take. A file for one environment alone is merged over it:
# overrides: { production: compose.production.yaml }
stackFile: ${inline(plan.stackFile.length === 1 ? plan.stackFile[0] : plan.stackFile)}

# Where it is reached, on every node of an environment: each application has a port of its own.
port: ${plan.port}
routes:
  # \`health\` answers 200 while a task wants requests. For one host alone: host: ${plan.name}.example.org
  - ${inline({ ...plan.route, path: "/" })}

# What people are pointed to once it runs.
page: ${plan.route.health}

# Sent all the time while prodlike and production change; one failed or wrong answer stops the promotion. Put here what users
# ask for most: { path: /things, contains: '"id"', weight: 6 }
probe:
  - ${inline({ path: plan.route.health })}

# Steps 5, 7 and 9: Vitest suites that are told where the environment is.
suites:
  functional: delivery/functional
  readiness: delivery/readiness
`;

const names = ({
  unnamed,
}: DeliveryPlan): string => `# Names for images that are built here; docker stack deploy demands one for each.
${stringify({ services: Object.fromEntries(Object.entries(unnamed).map(([name, image]) => [name, { image }])) })}`;

const compose = ({ images }: DeliveryPlan): string => `# For Docker Swarm, as docker stack deploy takes it.
services:
  web:
    image: ${Object.values(images)[0]?.image}
    # Longer than the application takes to end after it was asked to.
    stop_grace_period: 20s
    deploy:
      replicas: 2
      # A new task takes requests before an old one stops; if it does not get well, all go back.
      update_config: { order: start-first, failure_action: rollback }
`;

const facts = `import { readFileSync } from "node:fs";

/** What the pipeline tells a suite of its environment, as far as it is read here. */
export interface Facts {
  environment: "staging" | "prodlike" | "production";
  /** Where the application answers, one for each node. */
  addresses: string[];
  release: { commit: string; version: string };
}

export const facts = JSON.parse(readFileSync(process.env.SLIPWAY_FACTS ?? "", "utf8")) as Facts;
`;

const functional = ({ route, name }: DeliveryPlan): string => `import { expect, test } from "vitest";

import { facts } from "../facts.ts";

// Step 5, in staging: that the application does what it is for. Put here what would be worst to break.
test("${name} answers", async () => {
  const response = await fetch(\`\${facts.addresses[0]}${route.health}\`);
  expect(response.status).toBe(200);
});
`;

const readiness = ({ route }: DeliveryPlan): string => `import { expect, test } from "vitest";

import { facts } from "../facts.ts";

// Step 7, in prodlike, and step 9, in production, where users must not notice it. Put here what has to hold where it runs for
// real: every node serves it, fast enough, with what it depends on.
test.each(facts.addresses)("%s answers within a second", async (address) => {
  const response = await fetch(\`\${address}${route.health}\`, { signal: AbortSignal.timeout(1_000) });
  expect(response.status).toBe(200);
});
`;

/** The files of a plan, by their paths in the folder. */
export const filesOf = (plan: DeliveryPlan): Record<string, string> => ({
  "delivery.yaml": delivery(plan),
  ...(plan.hasStackFile ? {} : { "compose.yaml": compose(plan) }),
  ...(Object.keys(plan.unnamed).length > 0 ? { [namesFile]: names(plan) } : {}),
  "delivery/facts.ts": facts,
  "delivery/functional/answers.test.ts": functional(plan),
  "delivery/readiness/answers.test.ts": readiness(plan),
});
