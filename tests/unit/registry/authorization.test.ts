import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Registry } from "../../../registry/client.ts";

let folder: string;
let server: Server;
let host: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-authorization-"));
  vi.stubEnv("DOCKER_CONFIG", folder);
  asked = [];
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  await logIn("ann", "right");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

const basic = (username: string, password: string): string => Buffer.from(`${username}:${password}`).toString("base64");
const logIn = (username: string, password: string): Promise<void> =>
  writeFile(join(folder, "config.json"), JSON.stringify({ auths: { [host]: { auth: basic(username, password) } } }));

/** A registry that takes one name and password. */
const demandBasic: typeof answer = ({ headers }, response) => {
  if (headers.authorization !== `Basic ${basic("ann", "right")}`) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="registry"' });
  }
  response.end();
};

/** A registry whose users get a token elsewhere, and what for: `grants` names the scopes, and how long a token lasts. */
const demandToken =
  (grants: (scope: string) => boolean, seconds = 60): typeof answer =>
  ({ url = "", method, headers }, response) => {
    const at = new URL(url, "http://any");
    if (at.pathname === "/token") {
      if (headers.authorization !== `Basic ${basic("ann", "right")}`) return response.writeHead(401).end();
      const scopes = at.searchParams.getAll("scope").filter(grants).join(" ");
      return response.end(JSON.stringify({ token: `for ${scopes}`, expires_in: seconds }));
    }
    const scope = `repository:demo/app:${method === "HEAD" || method === "GET" ? "pull" : "pull,push"}`;
    if (headers.authorization === `Bearer for ${scope}`) return response.end();
    const realm = `realm="http://${host}/token",service="it",scope="${scope}"`;
    return response.writeHead(401, { "www-authenticate": `Bearer ${realm}` }).end();
  };

test("a login is sent once it is demanded, and from then on at once", async () => {
  answer = demandBasic;
  const registry = new Registry(host);
  await registry.digestOf("demo/app", "latest");
  await registry.digestOf("demo/app", "latest");
  expect(asked).toHaveLength(3);
});

test("a wrong password is told with whose it is and what to type, and without it", async () => {
  answer = demandBasic;
  await logIn("ann", "wrong-word");
  const failure = await new Registry(host).digestOf("demo/app", "x").catch((error: unknown) => error);
  expect(failure).toMatchObject({
    message: `The registry at ${host} refuses the login of ann`,
    next: `docker login ${host}`,
    status: 401,
  });
  expect(JSON.stringify(failure)).not.toContain("wrong-word");
});

test("without a login, one is asked for", async () => {
  answer = demandBasic;
  await writeFile(join(folder, "config.json"), "{}");
  await expect(new Registry(host).digestOf("demo/app", "x")).rejects.toThrow("wants a login, and there is none");
});

test("a token is fetched for what is to be done, and used again for as long as it lasts", async () => {
  answer = demandToken(() => true, 300);
  const registry = new Registry(host);
  await registry.digestOf("demo/app", "latest");
  await registry.digestOf("demo/app", "latest");
  await registry.putManifest("demo/app", { mediaType: "x" }, "latest");
  expect(asked.filter((one) => one.startsWith("GET /token"))).toEqual([
    expect.stringContaining("scope=repository%3Ademo%2Fapp%3Apull&"),
    expect.stringContaining("scope=repository%3Ademo%2Fapp%3Apull%2Cpush&"),
  ]);
  vi.useFakeTimers({ now: Date.now() + 300_000, toFake: ["Date"] });
  await registry.digestOf("demo/app", "latest");
  expect(asked.filter((one) => one.startsWith("GET /token"))).toHaveLength(3);
});

test("a token that is good for less than what is to be done means that it is not allowed", async () => {
  answer = demandToken((scope) => !scope.includes("push"));
  const registry = new Registry(host);
  await registry.digestOf("demo/app", "latest");
  await expect(registry.putManifest("demo/app", { mediaType: "x" }, "latest")).rejects.toThrow(
    `The registry at ${host} does not let ann write to demo/app`,
  );
  await logIn("ann", "wrong");
  await expect(new Registry(host).digestOf("demo/app", "y")).resolves.toBeUndefined();
});

test("a wrong password is told as one also where tokens are given out", async () => {
  answer = demandToken(() => true);
  await logIn("ann", "wrong");
  await expect(new Registry(host).digestOf("demo/app", "x")).rejects.toThrow("refuses the login of ann");
});

test("a login that is a token is exchanged for another one", async () => {
  let body = "";
  answer = (request, response) => {
    if (request.url === "/token") {
      request.on("data", (chunk) => {
        body += chunk;
      });
      return request.on("end", () => response.end('{"access_token":"good"}'));
    }
    if (request.headers.authorization === "Bearer good") return response.end();
    return response.writeHead(401, { "www-authenticate": `Bearer realm="http://${host}/token",scope="a b"` }).end();
  };
  const auths = { [host]: { auth: basic("ann", ""), identitytoken: "refresh" } };
  await writeFile(join(folder, "config.json"), JSON.stringify({ auths }));
  await new Registry(host).digestOf("demo/app", "latest");
  expect(Object.fromEntries(new URLSearchParams(body))).toMatchObject({
    grant_type: "refresh_token",
    refresh_token: "refresh",
    scope: "a b",
  });
});

test("a login is never sent in clear text to another machine", async () => {
  answer = (_, response) =>
    response.writeHead(401, { "www-authenticate": 'Bearer realm="http://elsewhere.example.org/token"' }).end();
  await expect(new Registry(host).digestOf("demo/app", "x")).rejects.toThrow("which is no https address");
});

test("in a registry where repositories are below a path, that path is before each of them and in no list", async () => {
  answer = (request, response) =>
    response.end(request.url?.includes("_catalog") ? '{"repositories":["team/demo/app","other/app"]}' : '{"tags":[]}');
  const { repositories, tags } = await import("../../../registry/listing.ts");
  const registry = new Registry(`${host}/team`);
  expect(await repositories(registry)).toEqual(["demo/app"]);
  await tags(registry, "demo/app");
  expect(asked.at(-1)).toBe("GET /v2/team/demo/app/tags/list?n=1000");
});
