import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

import { haproxyConfig, type Route } from "../../infra/haproxy-config.ts";
import { certifiedHost, selfSigned } from "./certificate.ts";
import type { Clone } from "./clone.ts";
import { docker } from "./engine.ts";

/**
 * Answers with what it received, echoes what comes after an upgrade, closes the connection on requests for /drops, and never answers those for
 * /late/health.
 */
const backend = `
  let dropped = 0;
  const server = require("node:http").createServer((request, response) => {
    if (request.url === "/drops/count") return response.end(String(dropped));
    if (request.url === "/late/health") return;
    if (request.url.startsWith("/drops")) { dropped += 1; return request.socket.destroy(); }
    response.end(JSON.stringify({ host: process.env.HOSTNAME, url: request.url, headers: request.headers }));
  });
  server.on("upgrade", (request, socket) => {
    const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const accept = require("node:crypto").createHash("sha1").update(key).digest("base64");
    const headers = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Accept: " + accept];
    socket.write(["HTTP/1.1 101 Switching Protocols", ...headers, "", ""].join("\\r\\n"));
    socket.on("data", (data) => socket.write(data));
    socket.on("end", () => socket.end());
    socket.on("error", () => {});
  });
  server.listen(3000);
`;

const route = (service: string, more: Partial<Route>): Route => ({
  service,
  port: 3000,
  path: "/",
  health: "/",
  tasks: 2,
  ...more,
});

const routes = [
  route("echo", { path: "/echo" }),
  route("drops", { path: "/drops", health: "/drops/count" }),
  route("late", { path: "/late", health: "/late/health" }),
  route("shop", { host: certifiedHost }),
];

/** Edges and a door in containers, as they stand on a node, before services that only tests need. */
export class EdgeSite {
  /** Where the edge takes requests on 127.0.0.1. */
  http = 0;
  https = 0;
  readonly #name: string;
  readonly #folder: string;
  readonly #images: Record<string, string>;
  readonly #label: string;
  #edges = 0;

  private constructor(name: string, folder: string, images: Record<string, string>, label: string) {
    this.#name = name;
    this.#folder = folder;
    this.#images = images;
    this.#label = label;
  }

  /** Makes it of the images that a clone's delivery stack and production have, without an edge yet. */
  static async make(clone: Clone): Promise<EdgeSite> {
    const outputs = async (stack: string) =>
      JSON.parse((await clone.pulumi("stack", "output", "-s", stack, "--json")).stdout);
    const { images } = await outputs("delivery");
    const { release } = await outputs("production");
    const instance = await clone.instance();
    const folder = await mkdtemp(join(tmpdir(), "slipway-edge-site-"));
    const site = new EdgeSite(
      `slipway-${instance}-edge-site`,
      folder,
      { ...images, app: release.images.app },
      `slipway.instance=${instance}`,
    );
    await site.#begin();
    return site;
  }

  async #begin(): Promise<void> {
    await docker("network", "create", "--label", this.#label, this.#name);
    await docker("volume", "create", "--label", this.#label, this.#name);
    for (const service of new Set(routes.map((one) => one.service))) {
      await this.#run(service, ["--network-alias", `tasks.${service}`], "app", "node", "--eval", backend);
    }
    const door = await this.#run(
      "door",
      ["--env", "PORTS=80 443", "--publish", "127.0.0.1::80", "--publish", "127.0.0.1::443", ...this.#volume],
      "door",
    );
    const portOf = async (port: number) => Number((await docker("port", door, String(port)))[0]?.split(":").at(-1));
    this.http = await portOf(80);
    this.https = await portOf(443);
  }

  get #volume(): string[] {
    return ["--volume", `${this.#name}:/run/door`];
  }

  async #run(name: string, options: string[], image: string, ...command: string[]): Promise<string> {
    const own = `${this.#name}-${name}`;
    const common = ["--detach", "--name", own, "--label", this.#label, "--network", this.#name];
    await docker("run", ...common, ...options, this.#images[image] ?? "", ...command);
    return own;
  }

  /** A new certificate with its key, as PEM. */
  certificate(): Promise<string> {
    return selfSigned(this.#images.postgres ?? "");
  }

  /** Starts an edge beside those that are there, and waits until it takes requests. */
  async startEdge(certificate: string): Promise<string> {
    this.#edges += 1;
    const own = `edge-${this.#edges}`;
    const config = join(this.#folder, `${own}.cfg`);
    const pem = join(this.#folder, `${own}.pem`);
    await writeFile(config, haproxyConfig({ routes, certificate: "/etc/haproxy/edge.pem", linger: 60 }));
    await writeFile(pem, certificate);
    const files = ["--volume", `${config}:/etc/haproxy/haproxy.cfg:ro`, "--volume", `${pem}:/etc/haproxy/edge.pem:ro`];
    const name = await this.#run(
      own,
      ["--env", "SOCKETS=3=tcp:80 4=tcp:443", ...this.#volume, ...files],
      "edge",
      "haproxy",
      "-db",
      "-f",
      "/etc/haproxy/haproxy.cfg",
    );
    await this.#healthy(name);
    return name;
  }

  async #healthy(name: string): Promise<void> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const [state] = await docker("inspect", "--format", "{{.State.Health.Status}}", name);
      if (state === "healthy") return;
      if (Date.now() > deadline)
        throw new Error(`${name} is ${state} after 60 s:\n${(await docker("logs", name)).join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Tells an edge to stop as Swarm does: it ends once its connections have. */
  async stopEdge(name: string): Promise<void> {
    await docker("kill", "--signal", "SIGUSR1", name);
  }

  async runs(name: string): Promise<boolean> {
    return (await docker("inspect", "--format", "{{.State.Running}}", name))[0] === "true";
  }

  /** What an edge's port for the environment alone answers, asked from a container on its network. */
  async inside(name: string, path: string): Promise<string> {
    const ask = `fetch("http://${name}:8404${path}").then(async (answer) => console.log(answer.status, await answer.text()))`;
    return (await docker("exec", `${this.#name}-echo`, "node", "--eval", ask)).join("\n");
  }

  /** Lets the edge's image read a configuration; whether it takes it, and what it says. */
  async check(config: string): Promise<{ ok: boolean; says: string }> {
    const args = ["run", "--rm", "--interactive", "--network=none", "--entrypoint=check", this.#images.edge ?? ""];
    const run = await execa("docker", [...args, "/etc/haproxy/haproxy.cfg"], { input: config, reject: false });
    return { ok: run.exitCode === 0, says: run.stderr };
  }

  async remove(): Promise<void> {
    const filter = ["--filter", `name=^${this.#name}`];
    const containers = await docker("ps", "--all", "--quiet", ...filter);
    if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
    await docker("network", "rm", this.#name);
    await docker("volume", "rm", "--force", this.#name);
    await rm(this.#folder, { recursive: true });
  }
}

/** The configuration of the site's routes. */
export const siteConfig = (certificate?: string): string => haproxyConfig({ routes, certificate, linger: 60 });
