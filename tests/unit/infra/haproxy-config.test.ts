import { describe, expect, test } from "vitest";

import { haproxyConfig } from "../../../infra/haproxy-config.ts";

const route = { service: "production_app", port: 3000, path: "/demo", health: "/demo/health", tasks: 10 };

describe("haproxyConfig", () => {
  test("finds a service's tasks by Swarm's DNS and checks each", () => {
    const config = haproxyConfig([route]);
    expect(config).toContain("server-template task 10 tasks.production_app:3000 resolvers swarm");
    expect(config).toContain("option httpchk GET /demo/health");
    expect(config).toContain("use_backend production_app if { path_beg /demo }");
  });

  test("never sends a request again that may have been received, unless its method makes that harmless", () => {
    expect(haproxyConfig([route])).toContain("disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }");
  });

  test("says what is served where nothing is, on one line", () => {
    const config = haproxyConfig([route, { ...route, service: "production_admin", path: "/admin" }]);
    const [line] = config.split("\n").filter((one) => one.includes("status 404"));
    expect(line).toMatch(/begins with: \/admin \/demo\\n" unless \{ path_beg \/admin \} \|\| \{ path_beg \/demo \}$/);
  });

  test("matches the longer of two paths first", () => {
    const config = haproxyConfig([route, { ...route, service: "production_admin", path: "/demo/admin" }]);
    expect(config.indexOf("use_backend production_admin")).toBeLessThan(config.indexOf("use_backend production_app"));
  });

  test("is the same text for the same routes, since its content names it", () => {
    expect(haproxyConfig([route])).toBe(haproxyConfig([{ ...route }]));
  });
});
