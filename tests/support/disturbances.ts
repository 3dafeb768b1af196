import { isStopping, readServices } from "../../swarm/services.ts";
import { selfSigned } from "./certificate.ts";
import type { Clone } from "./clone.ts";
import { getByHttp2, getSecurely, keepAsking } from "./edge-client.ts";
import { docker } from "./engine.ts";
import { engineAddress, engineOf } from "./production.ts";

/** Something that happens to an environment under load and that nobody who uses it may notice. */
export interface Disturbance {
  name: string;
  /** Makes it happen, and returns when it is over. */
  run(clone: Clone): Promise<void>;
}

const environment = "production";

const swarm = (clone: Clone, ...args: string[]): Promise<string[]> =>
  docker("-H", engineAddress(clone, environment), ...args);

/** The container that one of production's nodes is. */
async function node(clone: Clone, index: number): Promise<string> {
  const label = `label=slipway.instance=${await clone.instance()}`;
  const [id] = await docker("ps", "--all", "--quiet", "--filter", label, "--filter", `name=-${environment}-${index}$`);
  if (id === undefined) throw new Error(`There is no container of node ${index}`);
  return id;
}

/** Waits until every service is whole again and nothing that was told to stop still runs. */
async function settled(clone: Clone): Promise<void> {
  const deadline = Date.now() + 180_000;
  const engine = engineOf(clone, environment);
  for (;;) {
    const services = await readServices(engine, environment).catch(() => []);
    const whole =
      services.length > 0 &&
      services.every(
        ({ scale, replicas, update, tasks }) =>
          scale === "once" ||
          (replicas.running === replicas.desired &&
            !["updating", "rollback_started"].includes(update ?? "") &&
            !tasks.some(isStopping)),
      );
    if (whole) return;
    if (Date.now() > deadline) throw new Error(`${environment} is not whole again after 180 s`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function up(clone: Clone): Promise<void> {
  const ended = await clone.pulumi("up", "-s", environment, "--yes", "--skip-preview", "--non-interactive");
  if (ended.exitCode !== 0) throw new Error(`pulumi up ended with ${ended.exitCode}:\n${ended.stdout}${ended.stderr}`);
}

/** Changes a setting from one value to the next, and back to what it was before all of them. */
async function withSetting(clone: Clone, key: string, ...values: number[]): Promise<void> {
  const before = await clone.get(environment, key);
  for (const value of values) {
    await clone.set(environment, key, value);
    await up(clone);
    await settled(clone);
  }
  await clone.set(environment, key, before);
  await up(clone);
}

/** Has production terminate TLS with a certificate. */
async function certify(clone: Clone, pem: string): Promise<void> {
  const args = ["config", "set", "--secret", "--non-interactive", "-s", environment, "certificate", "--", pem];
  const ended = await clone.pulumi(...args);
  if (ended.exitCode !== 0) throw new Error(ended.stderr);
  await up(clone);
}

/** Has production terminate TLS, and changes the certificate while it is asked by HTTP/1.1 and HTTP/2 over TLS. */
async function changeCertificate(clone: Clone): Promise<void> {
  const { images } = JSON.parse((await clone.pulumi("stack", "output", "-s", "delivery", "--json")).stdout);
  const [first, second] = [await selfSigned(images.postgres), await selfSigned(images.postgres)];
  const port = Number(await clone.get(environment, "tlsPort"));
  const before = await clone.get(environment, "certificate");
  await certify(clone, first);
  await settled(clone);
  const loads = [
    keepAsking(() => getSecurely(port, "/demo/hello")),
    keepAsking(() => getSecurely(port + 1, "/demo/hello")),
    keepAsking(() => getByHttp2(`https://127.0.0.1:${port}`, "/demo/hello", `${first}${second}`)),
  ];
  await certify(clone, second).then(() => settled(clone));
  const answers = (await Promise.all(loads.map((load) => load.stop()))).flat();
  await clone.set(environment, "certificate", before);
  await up(clone);

  const wrong = answers.filter(({ status }) => status !== 200);
  if (wrong.length > 0) throw new Error(`${wrong.length} of ${answers.length} by TLS failed: ${wrong[0]?.body}`);
  const seen = new Set(answers.flatMap(({ certificate }) => certificate ?? []));
  if (seen.size !== 2) throw new Error(`${seen.size} certificates were shown`);
}

const all: Disturbance[] = [
  {
    name: "a rolling update",
    run: async (clone) =>
      void (await swarm(clone, "service", "update", "--force", "--detach=false", "--quiet", "production_app")),
  },
  {
    name: "an automatic rollback",
    async run(clone) {
      // The new tasks crash, Swarm gives up and goes back; the command says so by failing.
      await swarm(
        clone,
        "service",
        "update",
        "--args",
        "node nowhere.js",
        "--detach=false",
        "--quiet",
        "production_app",
      ).catch(() => undefined);
    },
  },
  { name: "a change of configuration", run: (clone) => withSetting(clone, "drain", 3) },
  {
    name: "a new password for the database, another, and back over both",
    run: (clone) => withSetting(clone, "databasePassword", 2, 3),
  },
  { name: "TLS begun, and another certificate", run: changeCertificate },
  { name: "scaling up and down, the edge's configuration included", run: (clone) => withSetting(clone, "replicas", 8) },
  {
    name: "the edge replaced node by node",
    run: async (clone) =>
      void (await swarm(clone, "service", "update", "--force", "--detach=false", "--quiet", "production_edge")),
  },
  {
    name: "the door replaced node by node",
    run: async (clone) =>
      void (await swarm(clone, "service", "update", "--force", "--detach=false", "--quiet", "production_door")),
  },
  {
    name: "a task killed",
    async run(clone) {
      const host = await node(clone, 1);
      const [task] = await docker("exec", host, "docker", "ps", "--quiet", "--filter", "name=production_app");
      if (task === undefined) throw new Error("No task of the application runs on the first node");
      await docker("exec", host, "docker", "kill", task);
    },
  },
  {
    name: "a node drained and active again",
    async run(clone) {
      await swarm(clone, "node", "update", "--availability", "drain", `${environment}-3`);
      await settled(clone);
      await swarm(clone, "node", "update", "--availability", "active", `${environment}-3`);
    },
  },
  {
    name: "a node killed and back again",
    async run(clone) {
      const host = await node(clone, 3);
      await docker("kill", host);
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      await docker("start", host);
    },
  },
];

/** Everything that may happen to production while its first two nodes take the requests; each ends with all of it whole. */
export const disturbances: Disturbance[] = all.map(({ name, run }) => ({
  name,
  async run(clone) {
    await run(clone);
    await settled(clone);
  },
}));
