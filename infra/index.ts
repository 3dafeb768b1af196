/** What programs are written with, from other repositories, too: `import { Edge, Service } from "slipway/infra"`. */

export { ContentConfig, type ContentNamedArgs, ContentSecret } from "./content-named.ts";
export { Database, type DatabaseArgs } from "./database.ts";
export { DatabaseLogin, type DatabaseLoginArgs } from "./database-login.ts";
export { Edge, type EdgeArgs } from "./edge.ts";
export { type Route, room } from "./haproxy-config.ts";
export { OverlayNetwork } from "./overlay-network.ts";
export type { Declared, Given, Program } from "./program.ts";
export { Service, type ServiceArgs } from "./service.ts";
export { StackFile, type StackFileArgs } from "./stack-file.ts";
export { type SwarmTarget, swarmTarget } from "./swarm-target.ts";
