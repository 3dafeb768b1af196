import { describe, expect, test } from "vitest";

import { haproxyConfig, type Route } from "../../../infra/haproxy-config.ts";

const route = { service: "production_app", port: 3000, path: "/demo", health: "/demo/health", tasks: 10 };

const text = (routes: Route[], certificate?: string): string => haproxyConfig({ routes, certificate, linger: 30 });

describe("haproxyConfig", () => {
  test("finds a service's tasks by Swarm's DNS and checks each", () => {
    const config = text([route]);
    expect(config).toContain("server-template task 10 tasks.production_app:3000 resolvers swarm");
    expect(config).toContain("option httpchk GET /demo/health");
    expect(config).toContain("use_backend production_app if { path /demo } || { path_beg /demo/ }");
  });

  test("never sends a request again that may have been received, unless its method makes that harmless", () => {
    expect(text([route])).toContain("disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }");
  });

  test("tries all tasks while none passes its check", () => {
    const config = text([route]);
    const left = "{ nbsrv(production_app) eq 0 }";
    const line = `use_backend production_app.any if { path /demo } ${left} || { path_beg /demo/ } ${left}`;
    expect(config).toContain(line);
    expect(config.indexOf(line)).toBeLessThan(config.indexOf("use_backend production_app if"));
    const [, any = ""] = config.split("backend production_app.any\n");
    expect(any).toContain("server-template task 10 tasks.production_app:3000");
    expect(any).not.toMatch(/httpchk|default-server check/);
  });

  test("says what is served where nothing is, on one line", () => {
    const config = text([route, { ...route, service: "production_admin", path: "/admin" }]);
    const [line] = config.split("\n").filter((one) => one.includes("status 404"));
    expect(line).toMatch(/begins with: \/admin \/demo\\n" unless \{ path \/admin \} \|\| \{ path_beg \/admin\/ \}/);
  });

  test("matches the longer of two paths first", () => {
    const config = text([route, { ...route, service: "production_admin", path: "/demo/admin" }]);
    expect(config.indexOf("use_backend production_admin")).toBeLessThan(config.indexOf("use_backend production_app"));
  });

  test("gives one host's requests to its service, before those for every host", () => {
    const shop: Route = { ...route, service: "production_shop", host: "shop.example.org", path: "/" };
    const config = text([route, shop]);
    const line = "use_backend production_shop if { req.hdr(host),host_only -i shop.example.org } { path_beg / }";
    expect(config).toContain(line);
    expect(config.indexOf(line)).toBeLessThan(config.indexOf("use_backend production_app"));
  });

  test("has one backend for all routes to the same tasks, and one each for other ports or checks of a service", () => {
    const hosts = ["www.example.org", "example.org"].map((host): Route => ({ ...route, path: "/", host, tasks: 20 }));
    const admin: Route = { ...route, path: "/admin", port: 4000 };
    const config = text([route, admin, ...hosts.map((one) => ({ ...one, health: route.health }))]);
    expect(config.match(/^backend .*/gm)).toEqual([
      "backend production_app",
      "backend production_app.any",
      "backend production_app-2",
      "backend production_app-2.any",
    ]);
    expect(config).toContain("use_backend production_app if { req.hdr(host),host_only -i example.org } { path_beg / }");
    expect(config).toContain("use_backend production_app-2 if { path /admin } || { path_beg /admin/ }");
    expect(config).toContain("server-template task 20 tasks.production_app:3000");
    expect(config).toContain("server-template task 10 tasks.production_app:4000");
  });

  test("speaks TLS with a certificate only", () => {
    expect(text([route])).not.toContain(" ssl ");
    expect(text([route], "/run/secrets/edge.pem")).toContain(
      "bind fd@4 ssl crt /run/secrets/edge.pem alpn h2,http/1.1",
    );
  });

  test("is the same text for the same routes, since its content names it", () => {
    expect(text([route])).toBe(text([{ ...route }]));
  });
});
