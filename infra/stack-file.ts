import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { connect } from "../swarm/engine.ts";
import { idOf, type Kind } from "../swarm/named.ts";
import { namespaceLabel, type Scale } from "../swarm/services.ts";
import { adopted } from "./adopted.ts";
import { ContentConfig, ContentSecret } from "./content-named.ts";
import { type Awaited, forceUpdateAfter, rolledOut } from "./service.ts";
import { serviceDefaults } from "./service-spec.ts";
import type { References } from "./stack-file/container-spec.ts";
import type { Images } from "./stack-file/images.ts";
import type { Variables } from "./stack-file/interpolate.ts";
import type { StackFileObject, StackService } from "./stack-file/model.ts";
import { networkArgs, usedNetworks } from "./stack-file/network-args.ts";
import { type Plan, planStack } from "./stack-file/plan.ts";
import { sentence } from "./stack-file/problems.ts";
import { isBuiltIn, networkName, networksOf, serviceArgs, serviceName } from "./stack-file/service-args.ts";
import { childOptions, plainError, type SwarmTarget } from "./swarm-target.ts";

export interface StackFileArgs {
  /** The file, or several that are merged in their order. Paths in them start at the folder of the first one. */
  file: string | string[];
  /** Images by digest, by the name that the file has for them. One that is by digest in the file need not be here. */
  images?: Images;
  /** What is merged over the files, in their own form: `{ services: { web: { deploy: { replicas: 3 } } } }`. */
  overrides?: Record<string, unknown>;
  /** What variables in the files are. Default: the environment of the program. */
  variables?: Variables;
  /** Services whose tasks run to their end, once for each change, rather than for ever. They are not of condition `any`. */
  completes?: string[];
  /** The commit that the tasks of `images` run, for people and for `promote status`. */
  commit?: pulumi.Input<string>;
  /** Seconds after which a rollout that has not converged counts as failed. Default 180. */
  limit?: number;
}

type FileKind = "configs" | "secrets";

/**
 * What `docker stack deploy` makes of a Compose file for Swarm, declared: its services, networks, configs and secrets, and by
 * the services their volumes. Each rollout is awaited. docs/stack-file.md lists what differs.
 */
export class StackFile extends pulumi.ComponentResource {
  /** What each service is to run, by its name in Swarm, for those who ask Swarm. */
  readonly runs: Record<string, Scale>;
  /** The names of the secrets and configs that each service's tasks are given, by its name in Swarm. */
  readonly files: Record<string, pulumi.Output<string[]>>;
  /** The services by their names in the file, each known only once every task runs as it should: depend on these. */
  readonly ready: Record<string, pulumi.Output<docker.Service>>;

  /** The networks that each service's tasks join, by its name in the file. */
  readonly networks: Record<string, pulumi.Input<string>[]>;

  readonly #name: string;
  readonly #target: SwarmTarget;
  readonly #args: StackFileArgs;
  /** What all services wait for. */
  readonly #after: pulumi.CustomResourceOptions;
  readonly #plan: Plan;
  readonly #networks: Record<string, pulumi.Input<string>>;
  readonly #objects = new Map<string, { id: pulumi.Output<string>; name: pulumi.Output<string> }>();

  /**
   * @throws pulumi.RunError with every problem of the files, its line and key, before anything is declared
   */
  constructor(name: string, target: SwarmTarget, args: StackFileArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slipway:infra:StackFile", name, {}, opts);
    this.#name = name;
    this.#target = target;
    this.#args = args;
    this.#after = opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn };
    this.#plan = planOf(args);
    for (const warning of this.#plan.warnings) void pulumi.log.warn(sentence(warning), this);

    this.#networks = Object.fromEntries(usedNetworks(this.#plan.stack).map((one) => [one, this.#network(one)]));
    for (const kind of ["configs", "secrets"] as const) {
      for (const [key, object] of Object.entries(this.#plan.stack[kind])) {
        this.#objects.set(
          `${kind}.${key}`,
          object.external ? this.#external(kind, key, object) : this.#made(kind, key, object),
        );
      }
    }
    const services = Object.entries(this.#plan.stack.services);
    this.runs = Object.fromEntries(
      services.map(([key, service]) => [this.#serviceName(key), this.#scale(key, service)]),
    );
    this.files = Object.fromEntries(services.map(([key, service]) => [this.#serviceName(key), this.#given(service)]));
    this.networks = Object.fromEntries(
      services.map(([key, service]) => [key, Object.keys(networksOf(service)).map((one) => this.#networks[one] ?? "")]),
    );
    this.ready = Object.fromEntries(services.map(([key, service]) => [key, this.#service(key, service)]));
    this.registerOutputs({});
  }

  #serviceName(key: string): string {
    return serviceName(this.#target.environment, key);
  }

  #scale(key: string, { deploy }: StackService): Scale {
    if (this.#args.completes?.includes(key)) return "once";
    return deploy?.mode === "global" ? "global" : (deploy?.replicas ?? 1);
  }

  #network(key: string): pulumi.Input<string> {
    const { stack } = this.#plan;
    const fullName = networkName(this.#target.environment, key, stack);
    if (!stack.networks[key]?.external) {
      const args = networkArgs(this.#target.environment, key, stack);
      // Swarm adds options of its own to those that are given.
      const options = childOptions(this.#target, this, { ignoreChanges: args.options ? ["options"] : [] });
      return new docker.Network(`${this.#name}-${key}-network`, args, adopted("network", fullName, options)).id;
    }
    return isBuiltIn(fullName) ? fullName : this.#found("network", fullName, `networks.${key}`);
  }

  /** The id of what somebody else made, looked up once there is an engine to ask. */
  #found(kind: Kind, fullName: string, path: string): pulumi.Output<string> {
    return this.#target.provider.id.apply(async () => {
      const id = await idOf(connect(this.#target.engine), kind, fullName);
      if (id !== undefined) return id;
      const what = `the Swarm has no ${kind} ${fullName}, which the file takes for made by somebody else`;
      throw plainError(new Error(sentence({ ...this.#plan.place(path), at: path, what })));
    });
  }

  #external(kind: FileKind, key: string, { name = key }: StackFileObject) {
    const id = this.#found(kind === "configs" ? "config" : "secret", name, `${kind}.${key}`);
    return { id, name: pulumi.output(name) };
  }

  #made(kind: FileKind, key: string, { name, labels }: StackFileObject) {
    const { environment } = this.#target;
    const args = {
      ...(this.#plan.contents.get(`${kind}.${key}`) ?? { content: "" }),
      labels: { ...labels, [namespaceLabel]: environment },
      swarmName: name ?? `${environment}_${key}`,
    };
    const Kind = kind === "configs" ? ContentConfig : ContentSecret;
    // A config and a secret may have the same name.
    return new Kind(`${this.#name}-${kind.slice(0, -1)}-${key}`, this.#target, args, { parent: this });
  }

  #object(kind: FileKind, key: string): { id: pulumi.Output<string>; name: pulumi.Output<string> } {
    const object = this.#objects.get(`${kind}.${key}`);
    if (!object) throw new Error(`${kind}.${key} was not declared`);
    return object;
  }

  #given({ secrets = [], configs = [] }: StackService): pulumi.Output<string[]> {
    const all = [
      ...secrets.map(({ source = "" }) => this.#object("secrets", source)),
      ...configs.map(({ source = "" }) => this.#object("configs", source)),
    ];
    return pulumi.all(all.map(({ name }) => name));
  }

  #service(key: string, service: StackService): pulumi.Output<docker.Service> {
    const { stack, images } = this.#plan;
    const { commit, completes = [], limit, images: built = {} } = this.#args;
    const fullName = this.#serviceName(key);
    const of: References = {
      namespace: this.#target.environment,
      image: images[key] ?? "",
      network: (network) => this.#networks[network] ?? "",
      file: (kind, source) => this.#object(kind, source),
    };
    const forceUpdate = this.#target.before.then((all) => forceUpdateAfter(all.find((one) => one.name === fullName)));
    const context = {
      stack,
      of,
      completes: completes.includes(key),
      forceUpdate,
      ...(commit === undefined || !((service.image ?? "") in built) ? {} : { commit }),
    };
    const made = new docker.Service(
      `${this.#name}-${key}-service`,
      serviceArgs(key, service, context),
      adopted(
        "service",
        fullName,
        childOptions(this.#target, this, { ignoreChanges: this.#filledIn(service), ...this.#after }),
      ),
    );
    const awaited: Awaited = {
      service: fullName,
      image: of.image,
      scale: this.#scale(key, service),
      monitor: (service.deploy?.update_config?.monitor ?? 0) / 1e9 || serviceDefaults.monitor,
      ...(limit === undefined ? {} : { limit }),
    };
    return rolledOut(made, this.#target, awaited);
  }

  /** What the engine fills in, and what would then be taken for a change. */
  #filledIn({ networks = {} }: StackService): string[] {
    const builtIn = Object.keys(networks).some((one) =>
      isBuiltIn(networkName(this.#target.environment, one, this.#plan.stack)),
    );
    return ["taskSpec.placement.platforms", ...(builtIn ? ["taskSpec.networksAdvanceds"] : [])];
  }
}

function planOf({ file, images = {}, overrides, variables = process.env, completes = [] }: StackFileArgs): Plan {
  try {
    const options = { images, variables, completes, ...(overrides ? { overrides } : {}) };
    return planStack(typeof file === "string" ? [file] : file, options);
  } catch (error) {
    throw plainError(error);
  }
}
