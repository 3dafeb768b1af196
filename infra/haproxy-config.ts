/** A service behind the edge. */
export interface Route {
  /** The service's name in Swarm, which is also its name in DNS. */
  service: string;
  port: number;
  /** Requests for this host alone, whatever its port; for every host by default. */
  host?: string;
  /** Requests for this path, and for everything below it, go to the service. */
  path: string;
  /** The path that answers 200 while a task wants requests. */
  health: string;
  /** How many tasks there may be at once, the ones being replaced included. */
  tasks: number;
}

/**
 * How many tasks a route has room for, of a service that is to have `replicas`: those that start before others stop, and those that
 * DNS has not forgotten yet. In steps, so that scaling seldom changes the edge.
 */
export const room = (replicas: number): number => [16, 64].find((tasks) => tasks >= 2 * replicas + 2) ?? 256;

export interface HaproxyConfigArgs {
  routes: Route[];
  /** The file of the certificate and its key; without it, TLS is not spoken. */
  certificate?: string | undefined;
  /** How long a proxy that is replaced keeps the connections that it has, in seconds. */
  linger: number;
}

/** The inherited sockets that clients come by, by their number in the process. */
export const sockets = { http: 3, https: 4 } as const;

/** Where requests of some routes go: tasks of a service, by one port. */
interface Backend {
  name: string;
  to: Route;
}

const isSame = (one: Route, other: Route): boolean =>
  one.service === other.service && one.port === other.port && one.health === other.health;

/** The backends of routes; those that lead to the same tasks by the same port and health, such as those of two hosts, have one. */
function backendsOf(routes: readonly Route[]): Backend[] {
  const backends: Backend[] = [];
  for (const route of routes) {
    const known = backends.find(({ to }) => isSame(to, route));
    if (known) known.to = { ...known.to, tasks: Math.max(known.to.tasks, route.tasks) };
    else {
      const before = backends.filter(({ to }) => to.service === route.service).length;
      const service = route.service.replace(/[^A-Za-z0-9_-]/g, "-");
      backends.push({ name: before === 0 ? service : `${service}-${before + 1}`, to: route });
    }
  }
  return backends;
}

/** The variable by which the image's entrypoint says how a route's tasks are first found. */
const askedAs = (route: Route): string => `INIT_ADDR_tasks_${route.service.replace(/[^A-Za-z0-9]/g, "_")}`;

const base = (linger: number): string => `# Made by Slipway from the environment's routes.
global
  log stdout format raw local0 notice
  stats socket /tmp/haproxy.sock mode 600 level operator
  hard-stop-after ${linger}s
  # A proxy that stops tells busy connections to close with their next answer, and closes idle ones one by one.
  close-spread-time 20s
  maxconn 4000

defaults
  mode http
  log global
  option http-keep-alive
  option forwardfor
  option redispatch 1
  option dontlog-normal
  timeout connect 1s
  timeout client 30s
  timeout server 15s
  timeout http-request 10s
  timeout http-keep-alive 15s
  timeout queue 5s
  timeout tunnel 1h
  timeout check 2s
  unique-id-format %{+X}o%ci:%cp_%Ts_%rt
  retries 5
  # A request whose answer was lost is sent again only when its method makes that harmless; see disable-l7-retry.
  retry-on conn-failure empty-response response-timeout 503

resolvers swarm
  nameserver embedded 127.0.0.11:53
  resolve_retries 3
  timeout resolve 200ms
  timeout retry 200ms
  hold valid 200ms
  hold obsolete 0s
  hold nx 1s
  hold refused 1s
  hold timeout 1s

# Only the environment's own network leads here.
frontend monitor
  bind :8404
  monitor-uri /health
  http-request use-service prometheus-exporter if { path /metrics }
  stats enable
  stats uri /stats
  option dontlog-normal
`;

const paths = (routes: Route[]): string => routes.map(({ host = "", path }) => host + path).join(" ");

/** The path itself and what is below it, but nothing that merely begins with the same letters; `further` has to be true, too. */
function condition({ host, path }: Route, further = ""): string {
  const forHost = host === undefined ? "" : `{ req.hdr(host),host_only -i ${host} } `;
  const below = path.endsWith("/") ? path : `${path}/`;
  const matches = below === path ? [`{ path_beg ${below} }`] : [`{ path ${path} }`, `{ path_beg ${below} }`];
  return matches.map((match) => forHost + match + further).join(" || ");
}

/** The backend of the same tasks, whatever their checks say. No service is called so: a dot in its name is replaced. */
const anyOf = (backend: string): string => `${backend}.any`;

/** Where a route's requests go: to the tasks that pass their check, or to all while none does. */
function uses(route: Route, backends: Backend[]): string {
  const { name } = backends.find(({ to }) => isSame(to, route)) as Backend;
  return [
    `  use_backend ${anyOf(name)} if ${condition(route, ` { nbsrv(${name}) eq 0 }`)}\n`,
    `  use_backend ${name} if ${condition(route)}\n`,
  ].join("");
}

const bindings = (certificate: string | undefined): string[] => [
  `bind fd@${sockets.http}`,
  ...(certificate ? [`bind fd@${sockets.https} ssl crt ${certificate} alpn h2,http/1.1`] : []),
];

const frontend = (routes: Route[], backends: Backend[], certificate: string | undefined): string => `
frontend edge
${bindings(certificate)
  .map((line) => `  ${line}\n`)
  .join("")}  http-request set-var(txn.probe) req.hdr(X-Slipway-Probe) if { req.hdr(X-Slipway-Probe) -m found }
  http-request set-header X-Request-Id %[unique-id] unless { req.hdr(X-Request-Id) -m found }
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request return status 404 content-type text/plain string "Nothing is served here. What is served begins with: ${paths(routes)}\\n" unless ${routes.map((route) => condition(route)).join(" || ")}
  # It is about the connection to the task; a client would take it for one about its own.
  http-response del-header Keep-Alive
  # Tells the load probe which task served it, and nobody else.
  http-response set-header X-Slipway-Probe %si if { var(txn.probe) -m found }
${routes.map((route) => uses(route, backends)).join("")}`;

/** What is so of a backend whether or not its tasks are checked: they are discovered by Swarm's DNS. */
const tasksOf = ({ to: route }: Backend): string => `  balance leastconn
  http-request disable-l7-retry unless { method GET HEAD OPTIONS PUT DELETE }
  server-template task ${route.tasks} tasks.${route.service}:${route.port} resolvers swarm init-addr "\${${askedAs(route)}}"
`;

/**
 * Leaves out the tasks that say they are stopping, and those that do not answer. It believes a check only the second time, a tenth of a
 * second later: on a machine that is busy for a moment all tasks are late at once. Where none is left in spite of that, all are
 * tried: one that is late answers in the end, and one that stops goes on for a while. Asks DNS once before it takes requests, since the
 * resolvers begin only afterwards; the image's entrypoint says for which names that can be done.
 */
const backend = (one: Backend): string => `
backend ${one.name}
  option httpchk GET ${one.to.health}
  http-check expect status 200
  default-server check inter 250ms fastinter 100ms downinter 250ms rise 1 fall 2 observe layer4 error-limit 1 on-error mark-down
${tasksOf(one)}
backend ${anyOf(one.name)}
${tasksOf(one)}`;

/** What asks for more comes first: those for one host, then those for longer paths. */
const byPrecision = (one: Route, other: Route): number =>
  Number(other.host !== undefined) - Number(one.host !== undefined) || other.path.length - one.path.length;

/**
 * HAProxy's configuration for `routes`: clients on the sockets that the door hands over, and on port 8404 `/health` for the
 * container's own check, `/metrics` and `/stats`. Every retry and drain rule of the edge is here.
 */
export function haproxyConfig({ routes, certificate, linger }: HaproxyConfigArgs): string {
  const ordered = routes.toSorted(byPrecision);
  const backends = backendsOf(ordered);
  return [base(linger), frontend(ordered, backends, certificate), ...backends.map(backend)].join("");
}
