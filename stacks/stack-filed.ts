import { Edge } from "../infra/edge.ts";
import { type Route, room } from "../infra/haproxy-config.ts";
import type { Declared, Given } from "../infra/program.ts";
import { StackFile } from "../infra/stack-file.ts";
import { plainError } from "../infra/swarm-target.ts";
import type { Delivery } from "../settings/delivery.ts";
import { argsIn } from "./stack-file-args.ts";

const refused = (message: string): Error => plainError(new Error(`delivery.yaml: ${message}`));

/** The edge's route to a service of the stack file. */
function routeTo(stack: StackFile, { target, nodes }: Given, route: Delivery["routes"][number]): Route {
  const service = `${target.environment}_${route.service}`;
  const scale = stack.runs[service];
  if (scale === undefined) throw refused(`routes: the stack file has no service ${route.service}`);
  if (scale === "once") throw refused(`routes: ${route.service} runs to its end, and serves nobody`);
  const { host, path, port, health = path } = route;
  const tasks = room(scale === "global" ? nodes.length : scale);
  return { service, port, path, health, tasks, ...(host === undefined ? {} : { host }) };
}

/** An edge of the application's own, on ports of its own; none where nothing is routed. */
function edgeOf(stack: StackFile, { routes, port, tlsPort }: Delivery, given: Given): Edge | undefined {
  if (routes.length === 0 || port === undefined) return undefined;
  const { target, images, certificate, linger } = given;
  const taken = ["edge", "door"].find((name) => `${target.environment}_${name}` in stack.runs);
  if (taken) throw refused(`routes: the stack file has a service ${taken}, which is what a part of the edge is called`);
  return new Edge("edge", target, {
    images,
    networks: [...new Set(routes.flatMap(({ service }) => stack.networks[service] ?? []))],
    routes: routes.map((route) => routeTo(stack, given, route)),
    ports: { http: port, https: tlsPort ?? 0 },
    linger,
    ...(tlsPort === undefined ? {} : { certificate }),
  });
}

/** Declares what an application's stack file says, and the edge before it. */
export function declareStackFile(delivery: Delivery, given: Given): Declared[] {
  const { environment, target, release } = given;
  const args = argsIn(delivery, environment, release);
  const stack = new StackFile(delivery.name, target, { ...args, commit: release.commit });
  const edge = edgeOf(stack, delivery, given);
  return edge ? [stack, edge.service, edge.door] : [stack];
}
