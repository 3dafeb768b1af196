import type * as pulumi from "@pulumi/pulumi";

import { tellInexpressible } from "./expressible.ts";
import { type FileContent, readContents } from "./file-contents.ts";
import { type Images, imagesOf } from "./images.ts";
import { type Loaded, type LoadOptions, loadStack } from "./load.ts";
import { type DockerPlugin, dockerPlugin } from "./plugin.ts";
import { type StackFileProblem, throwProblems } from "./problems.ts";
import { tellInto, tellRules } from "./rules.ts";
import { isRestarted } from "./service-args.ts";

export interface PlanOptions extends LoadOptions {
  images: Images;
  /** Services whose tasks run to their end. */
  completes: readonly string[];
  /** What speaks to Swarm. Default: the plugin of this machine. */
  plugin?: DockerPlugin;
}

/** A stack that can be declared as a whole: everything in it is known, allowed and can be said to Swarm. */
export interface Plan extends Loaded {
  /** The image of each service by digest. */
  images: Record<string, pulumi.Input<string>>;
  contents: Map<string, FileContent>;
}

/**
 * Reads stack files and makes sure of all that can be known before anything changes.
 * @throws StackFileError naming every problem with its file and line
 */
export function planStack(files: readonly string[], options: PlanOptions): Plan {
  const loaded = loadStack(files, options);
  const problems: StackFileProblem[] = [];
  const tell = tellInto(problems, loaded.place);
  const { stack } = loaded;
  tellRules(stack, tell);
  tellInexpressible(stack, options.plugin ?? dockerPlugin(), tell);
  for (const name of options.completes) {
    const service = stack.services[name];
    if (!service) tell("services", `\`completes\` has ${name}, which is no service`);
    else if (isRestarted(service)) {
      tell(
        `services.${name}`,
        "`completes` has it, and Swarm would start it again when it ends: its restart condition is any",
      );
    }
  }
  const images = imagesOf(stack, options.images, tell);
  const contents = readContents(stack, tell);
  throwProblems(problems);
  return { ...loaded, images, contents };
}
