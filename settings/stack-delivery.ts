import { z } from "zod";

import { environments } from "./environment.ts";
import type { Problem } from "./errors.ts";

const fileExpected = "a path relative to delivery.yaml, or a list of them";
const file = z.string(fileExpected).min(1, fileExpected);
const files = z
  .union([file, z.array(file).min(1, fileExpected)], fileExpected)
  .transform((given) => (typeof given === "string" ? [given] : given));

const portExpected = "a port from 1024 to 65000";
const port = z.int(portExpected).min(1024, portExpected).max(65_000, portExpected);

const pathExpected = "a path that begins with /, of letters, digits, hyphens, dots, underscores and tildes";
const urlPath = z.string(pathExpected).regex(/^\/[A-Za-z0-9._~/-]*$/, pathExpected);
const hostExpected = "a host name, such as shop.example.org";
const host = z.string(hostExpected).regex(/^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9-]+$/, hostExpected);
const serviceExpected = "a service of the stack file";
const service = z.string(serviceExpected).regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, serviceExpected);
const containerExpected = "the port that its tasks listen on";

const route = z.strictObject(
  {
    service,
    port: z.int(containerExpected).min(1, containerExpected).max(65_535, containerExpected),
    host: host.optional(),
    path: urlPath.default("/"),
    health: urlPath.optional(),
  },
  "a route: service, port, and what of host, path and health it has",
);

/** One way from the application's edge to a service of its stack file. */
export type StackRoute = z.output<typeof route>;

/** The keys of delivery.yaml for an application that has stacks of its own, described by a stack file or a program. */
export const stackKeys = {
  program: z
    .string("a TypeScript module")
    .regex(/\.[cm]?ts$/, "a TypeScript module, such as program.ts")
    .optional(),
  stackFile: files.optional(),
  overrides: z
    .partialRecord(z.enum(environments), files, `stack files by environment: ${environments.join(", ")}`)
    .default({}),
  completes: z.array(service, "the services that run to their end, as a list").default([]),
  port: port.optional(),
  tlsPort: port.optional(),
  routes: z.array(route, "the routes of its edge, as a list").default([]),
};

const schema = z.object({ ...stackKeys, name: z.string(), images: z.record(z.string(), z.looseObject({})) });
type Parsed = z.output<typeof schema>;

const reserved: readonly string[] = [...environments, "delivery"];

const isGiven = (value: unknown): boolean => value !== undefined && !(Array.isArray(value) && value.length === 0);

/** Keys that say nothing without a stack file. */
function withoutStackFile({ program, overrides, completes, port: reached, tlsPort, routes }: Parsed): Problem[] {
  const ofProgram = program === undefined ? { port: reached } : {};
  const given = { overrides: Object.keys(overrides), completes, ...ofProgram, tlsPort, routes };
  return Object.entries(given)
    .filter(([, value]) => isGiven(value))
    .map(([at]) => ({ at, found: "a key of applications that a stack file describes", expected: "stackFile, too" }));
}

function routeProblems({ port: reached, tlsPort, routes }: Parsed): Problem[] {
  const problems: Problem[] = [];
  if (routes.length > 0 && reached === undefined) {
    problems.push({ at: "port", found: "nothing", expected: "the port of every node on which the routes are reached" });
  }
  if (tlsPort !== undefined && (routes.length === 0 || tlsPort === reached)) {
    problems.push({ at: "tlsPort", found: String(tlsPort), expected: "routes, and another port than port" });
  }
  const seen = new Set<string>();
  routes.forEach((one, index) => {
    const asks = `${one.host?.toLowerCase() ?? ""} ${one.path.replace(/(?<=.)\/$/, "")}`;
    if (seen.has(asks)) problems.push({ at: `routes.${index}`, found: "the host and path of another route" });
    seen.add(asks);
  });
  return problems;
}

/** What of these keys makes no sense beside the others. */
export function stackProblems(parsed: Parsed): Problem[] {
  const { stackFile, program, name } = parsed;
  const problems = stackFile ? routeProblems(parsed) : withoutStackFile(parsed);
  if (stackFile && program) {
    problems.push({ at: "program", found: JSON.stringify(program), expected: "either this or stackFile" });
  }
  if ((stackFile || program) && reserved.includes(name)) {
    const expected = `a name that is none of ${reserved.join(", ")}`;
    problems.push({ at: "name", found: JSON.stringify(name), expected });
  }
  return problems;
}
