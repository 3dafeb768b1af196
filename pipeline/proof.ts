import { relative } from "node:path";

import { predicates } from "../evidence/statement.ts";
import { ownStacksOf } from "../settings/delivered.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import type { Release } from "../settings/release.ts";
import type { Change } from "./diff.ts";
import { gitOutput } from "./git.ts";
import type { ReleaseImage } from "./images.ts";
import { needed, type Promotion } from "./promotion.ts";

/** What a step that passed has to show, in the words of an in-toto predicate. */
export interface Proof {
  type: string;
  fields: Record<string, unknown>;
}

const probed = ({ figures }: Promotion): Record<string, unknown> => (figures ? { probe: figures } : {});

/** What tests were run with: files and folders of the commit, by what git knows their content by. */
async function configuration(promotion: Promotion, paths: string[]): Promise<unknown[]> {
  const checkout = needed(promotion, "checkout");
  return Promise.all(
    paths.map(async (name) => {
      const id = (await gitOutput(checkout, ["rev-parse", "--verify", `${promotion.commit}:${name}`])).trim();
      return { name, digest: { [name.endsWith(".yaml") ? "gitBlob" : "gitTree"]: id } };
    }),
  );
}

const inCheckout = (promotion: Promotion, path: string): string => relative(needed(promotion, "checkout"), path);

/** The proof of the application's own tests, which are one command and known by its end alone. */
export async function provedByUnitTests(promotion: Promotion): Promise<Proof> {
  const delivery = needed(promotion, "delivery");
  const description = inCheckout(promotion, delivery.folder);
  const files = await configuration(promotion, description === "" ? [] : [description]);
  const command = [{ name: delivery.unitTests.run.join(" ") }];
  return {
    type: predicates.testResult,
    fields: { result: "PASSED", configuration: [...files, ...command] },
  };
}

/** The proof of a build: SLSA provenance. An image that the commit did not change is the one that was built from an earlier commit. */
export function provedByBuild(
  promotion: Promotion,
  made: Record<string, ReleaseImage>,
  repository: string | undefined,
): Proof {
  const { commit } = promotion;
  const { images } = needed(promotion, "delivery");
  const built = Object.entries(images).map(([name, { dockerfile }]) => [name, inCheckout(promotion, dockerfile)]);
  const commits = new Set([commit, ...Object.values(made).map(({ builtFrom }) => builtFrom)]);
  const sources = [...commits].map((gitCommit) => ({
    ...(repository ? { uri: `git+${repository}` } : {}),
    digest: { gitCommit },
  }));
  const from = Object.entries(made).map(([name, { inputs, builtFrom }]) => [name, { inputs, builtFrom }]);
  return {
    type: predicates.provenance,
    fields: {
      buildDefinition: {
        buildType: "urn:slipway:docker-build:v1",
        externalParameters: { commit, images: Object.fromEntries(built), ...(repository ? { repository } : {}) },
        internalParameters: { images: Object.fromEntries(from) },
        resolvedDependencies: sources,
      },
      runDetails: { builder: { id: "urn:slipway:promote" } },
    },
  };
}

/** The proof that an environment runs the release: what ran before, what was changed, and what users would have seen. */
export const provedByDeployment = (
  environment: EnvironmentName,
  promotion: Promotion,
  { before, changes }: { before: Release | undefined; changes: Change[] },
): Proof => ({
  type: predicates.deployment,
  fields: { environment, ...(before ? { before } : {}), changes, ...probed(promotion) },
});

/** The proof of a suite, test by test. */
export async function provedBySuite(
  environment: EnvironmentName,
  promotion: Promotion,
  { suite, passed, skipped }: { suite: string; passed: string[]; skipped: string[] },
): Promise<Proof> {
  // The environments of an application of its own are not of its commit.
  const settings = ownStacksOf() === undefined ? [`Pulumi.${environment}.yaml`] : [];
  const files = await configuration(promotion, [inCheckout(promotion, suite), ...settings]);
  return {
    type: predicates.testResult,
    fields: {
      result: "PASSED",
      configuration: files,
      passedTests: passed,
      // Not run here, as the suite itself decides.
      skippedTests: skipped,
      failedTests: [],
      ...probed(promotion),
    },
  };
}
