import type { ServiceState } from "../swarm/services.ts";
import { scaleText } from "../swarm/verdict.ts";
import type { EnvironmentFacts } from "./facts.ts";

/** What a service lacks of what it should be; empty when all is well. */
export function shortcomings(service: ServiceState): string[] {
  if (service.scale === "once") {
    const done = service.tasks.some((task) => task.current && task.state === "complete");
    return done ? [] : [`${service.name} has not run to its end`];
  }
  const { desired, running } = service.replicas;
  if (running >= desired) return [];
  const errors = service.tasks.flatMap(({ node, state, error }) =>
    error ? [`  ${node || "no node"}: ${state}, ${error}`] : [],
  );
  return [`${service.name} runs ${running} of ${desired} tasks`, ...new Set(errors)];
}

/** Where the services are not those that were deployed, whoever changed them since. */
export function departures(services: ServiceState[], deployed: EnvironmentFacts["services"]): string[] {
  return Object.entries(deployed).flatMap(([name, scale]) => {
    const found = services.find((service) => service.name === name);
    if (!found) return [`${name} is not there`];
    return found.scale === scale ? [] : [`${name} is set to ${scaleText(found.scale)}, not ${scaleText(scale)}`];
  });
}
