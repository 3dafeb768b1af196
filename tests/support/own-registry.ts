import { randomUUID, sign } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { vi } from "vitest";

import type { Authority } from "./authority.ts";
import { docker } from "./engine.ts";

/** Who may do what in a registry of a test: Ann all, Bob nothing but read. Their password is the same. */
export const password = "correct horse";
const hashed = "$2a$05$qsDTn.phCDjtb4ilEPN3yeBzxc7U/0hMAdC9MC2S2SuXUt3qUqJCO";
const users = ["ann", "bob"];

const base64 = (content: string | Buffer): string => Buffer.from(content).toString("base64url");

interface TokenServer {
  realm: string;
  asked: string[];
  close(): void;
}

/** Gives out tokens as a registry's own server does: to whoever knows the password, for what they may do. */
/** The address by which containers of every network reach this machine, and it itself. */
async function gatewayOf(): Promise<string> {
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const [gateway = ""] = await docker("network", "inspect", "--format", format, "bridge");
  return gateway;
}

async function tokenServer(authority: Authority): Promise<TokenServer> {
  const gateway = await gatewayOf();
  const { cert, key } = await authority.certify("tokens", gateway);
  const x5c = [cert.replaceAll(/-----[A-Z ]+-----|\s/g, "")];
  const asked: string[] = [];
  const grant = (user: string, scopes: string[]): string => {
    const now = Math.floor(Date.now() / 1_000);
    const access = scopes.map((scope) => {
      const [type = "", name = "", actions = ""] = scope.split(":");
      const all = actions.split(",");
      return { type, name, actions: user === "bob" ? all.filter((action) => action === "pull") : all };
    });
    const claims = {
      iss: "test",
      aud: "it",
      sub: user,
      iat: now,
      nbf: now - 5,
      exp: now + 60,
      jti: randomUUID(),
      access,
    };
    const text = [{ typ: "JWT", alg: "ES256", x5c }, claims].map((part) => base64(JSON.stringify(part))).join(".");
    return `${text}.${base64(sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }))}`;
  };
  const server: Server = createServer({ cert, key }, ({ url = "", headers }, response) => {
    const login = Buffer.from(headers.authorization?.split(" ")[1] ?? "", "base64").toString();
    const [user = "", given] = login.split(":");
    const scopes = new URL(url, "https://any").searchParams.getAll("scope");
    asked.push(...scopes);
    if (!users.includes(user) || given !== password) return response.writeHead(401).end();
    return response.end(JSON.stringify({ token: grant(user, scopes), expires_in: 60 }));
  });
  await new Promise<void>((resolve) => server.listen(0, gateway, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    realm: `https://${gateway}:${port}/token`,
    asked,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** How a registry wants to be told who asks. */
export type Demand = "basic" | "token";

/** Different ones, since the second may get the address that the first had. */
const ports: Record<Demand, number> = { basic: 5000, token: 5001 };

/** A registry of the default's own image, in a container, that demands a login and speaks TLS by a test's authority. */
export class OwnRegistry {
  readonly host: string;
  /** What its token server was asked for. */
  readonly asked: string[];
  readonly #container: string;
  readonly #tokens: TokenServer | undefined;

  private constructor(container: string, host: string, tokens: TokenServer | undefined) {
    this.#container = container;
    this.host = host;
    this.#tokens = tokens;
    this.asked = tokens?.asked ?? [];
  }

  /**
   * @param folder the authority's own, in which its files are put, too
   * @param at an address of this machine that it answers at, by which containers of every network reach it
   */
  static async start(
    demand: Demand,
    authority: Authority,
    folder: string,
    { at }: { at?: string } = {},
  ): Promise<OwnRegistry> {
    const own = join(folder, demand);
    await mkdir(own, { recursive: true });
    await chmod(folder, 0o755);
    // Its certificate is for its address, which it has once it runs.
    const script = `until [[ -e /etc/own/ready ]]; do sleep 0.1; done; exec docker-registry serve /etc/own/config.yml`;
    const [id = ""] = await docker(
      ...["run", "--detach", "--volume", `${own}:/etc/own:ro`, "--no-healthcheck"],
      ...(at === undefined ? [] : ["--network", "host"]),
      ...["--entrypoint", "bash", "slipway/registry:latest", "-c", script],
    );
    const format = "{{with .NetworkSettings.Networks.bridge}}{{.IPAddress}}{{end}}";
    const [inside = ""] = await docker("inspect", "--format", format, id);
    const tokens = demand === "token" ? await tokenServer(authority) : undefined;
    const registry = new OwnRegistry(id, `${at ?? inside}:${ports[demand]}`, tokens);
    try {
      await registry.#configure(demand, authority, own, at ?? inside);
      return registry;
    } catch (error) {
      await registry.remove();
      throw error;
    }
  }

  async #configure(demand: Demand, authority: Authority, folder: string, address: string): Promise<void> {
    const { cert, key } = await authority.certify(demand, address);
    const auth =
      demand === "basic"
        ? { htpasswd: { realm: "test", path: "/etc/own/htpasswd" } }
        : { token: { realm: this.#tokens?.realm, service: "it", issuer: "test", rootcertbundle: "/etc/own/ca.crt" } };
    const files = {
      "tls.crt": cert,
      "tls.key": key,
      "ca.crt": authority.certificate,
      htpasswd: users.map((user) => `${user}:${hashed}\n`).join(""),
      "config.yml": JSON.stringify({
        version: "0.1",
        log: { level: "error", accesslog: { disabled: true } },
        http: { addr: this.host, tls: { certificate: "/etc/own/tls.crt", key: "/etc/own/tls.key" } },
        storage: { filesystem: { rootdirectory: "/var/lib/registry" }, delete: { enabled: true } },
        auth,
      }),
      ready: "",
    };
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { mode: 0o644 });
    const listens = () => docker("exec", this.#container, "bash", "-c", `exec 3<>/dev/tcp/${address}/${ports[demand]}`);
    await vi.waitFor(listens, { timeout: 20_000, interval: 100 });
  }

  async remove(): Promise<void> {
    this.#tokens?.close();
    await docker("rm", "--force", "--volumes", this.#container);
  }
}
