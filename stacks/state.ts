import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";

import { Contents, type Generations } from "../infra/contents.ts";
import { projectName } from "../settings/project.ts";
import { parseRelease, type Release, releaseVariable } from "../settings/release.ts";

/** What an environment's stack remembers of itself, and what it is to run from now on. */
export interface State {
  /** None before the first delivery. */
  release: Release | undefined;
  /** The one that ran before it. None after going back to that: the one that was left is not one to return to. */
  previous: Release | undefined;
  /** Whether it runs the release already, or did before that: it was proved when it came. */
  known: boolean;
  /** What its configs and secrets hold. */
  contents: Contents;
  /** How often its hosts were put right, where it is made of hosts. */
  revision: number;
}

const parsed = (stack: string, key: string, value: unknown): Release | undefined =>
  value ? parseRelease(`the ${key} of stack ${stack}`, value) : undefined;

/**
 * The release that this update is about is the one that the driver hands over, or else the one that the stack has already, so
 * that `pulumi up` by hand changes what was edited and never the release.
 * @throws SettingsError when the driver's release is malformed
 */
export async function stateOf(stack: string): Promise<State> {
  const own = new pulumi.StackReference("present", { name: `organization/${projectName}/${stack}` });
  const output = async (key: string): Promise<unknown> => {
    const { value, secretValue } = await own.getOutputDetails(key);
    return value ?? secretValue;
  };
  const release = parsed(stack, "release", await output("release"));
  const previous = parsed(stack, "previous", await output("previous"));
  const contents = new Contents(((await output("contents")) ?? {}) as Record<string, Generations>);

  const revision = Number((await output("revision")) ?? 0);

  const handedOver = process.env[releaseVariable];
  if (!handedOver) return { release, previous, known: true, contents, revision };
  const given = parseRelease(releaseVariable, JSON.parse(handedOver));
  const known = [release, previous].some((one) => isDeepStrictEqual(one, given));
  if (given.commit === release?.commit) return { release: given, previous, known, contents, revision };
  return {
    release: given,
    previous: given.commit === previous?.commit ? undefined : release,
    known,
    contents,
    revision,
  };
}
