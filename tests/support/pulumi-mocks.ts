import * as pulumi from "@pulumi/pulumi";

/** A resource that a program under test asked for. */
export interface Recorded {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

export interface MockOptions {
  stack: string;
  config?: Record<string, string>;
  /** Outputs of the stacks that are referred to, by stack name. */
  stacks?: Record<string, Record<string, unknown>>;
  /** Whether the program is only previewed, so that no rollout is awaited. Default false. */
  preview?: boolean;
}

const filledIn: Record<string, (args: pulumi.runtime.MockResourceArgs) => Record<string, unknown>> = {
  "command:local:Command": ({ name }) => ({ stdout: name.endsWith("-hosts") ? "[]" : "stdout", stderr: "" }),
};

/**
 * Replaces Pulumi's engine and providers for one test: every resource is recorded, its outputs are its inputs, and a call
 * to a provider that no test planned throws.
 */
export async function mockPulumi({
  stack,
  config = {},
  stacks = {},
  preview = false,
}: MockOptions): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        if (args.type === "pulumi:pulumi:StackReference") {
          const name = String(args.inputs.name).split("/").at(-1) ?? "";
          return { id: args.name, state: { ...args.inputs, outputs: stacks[name] ?? {} } };
        }
        recorded.push({ type: args.type, name: args.name, inputs: args.inputs });
        return { id: `${args.name}-id`, state: { ...args.inputs, ...filledIn[args.type]?.(args) } };
      },
      call: (args) => {
        throw new Error(`No test planned the call of ${args.token}`);
      },
    },
    "slipway",
    stack,
    preview,
  );
  pulumi.runtime.setAllConfig(config);
  return recorded;
}

/** The value of an output, for assertions. */
export const resolved = <T>(output: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> =>
  new Promise((resolve) => pulumi.output(output).apply((value) => resolve(value as pulumi.Unwrap<T>)));

/** Waits until everything that a test's resources still had to tell the mocked engine is told. */
export const mocksDone = (): Promise<void> => pulumi.runtime.disconnect();
