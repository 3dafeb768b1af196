import type { EnvironmentName } from "./environment.ts";
import { projectRoot } from "./project.ts";

/** What a run of the driver is about. */
export interface Delivered {
  /** The repository that commits are of: a work tree, or a bare one. */
  root: string;
  /** Where delivery.yaml is in it, when it has to be said. */
  description?: string;
  /** The application, where it has stacks of its own; the project's own one is a part of its environments. */
  application?: string;
}

let delivered: Delivered = { root: projectRoot };

/** Says once, before anything else, what this process is about; without it, the project's own application. */
export const deliver = (given: Delivered): void => {
  delivered = given;
};

/** The repository that commits are of. */
export const sourceRoot = (): string => delivered.root;

/** Where delivery.yaml is in it, when it has to be said. */
export const descriptionSaid = (): string | undefined => delivered.description;

/** The application that has stacks of its own, if it is one. */
export const ownStacksOf = (): string | undefined => delivered.application;

/** The Pulumi stack of an application of its own in an environment. */
export const applicationStack = (application: string, environment: EnvironmentName): string =>
  `${application}.${environment}`;

/** The Pulumi stack that a delivery to an environment brings up. */
export const stackIn = (environment: EnvironmentName): string =>
  delivered.application === undefined ? environment : applicationStack(delivered.application, environment);

/** The namespace in an environment's Swarm that is delivered to, as `docker stack` shows it. */
export const namespaceIn = (environment: EnvironmentName): string => delivered.application ?? environment;
