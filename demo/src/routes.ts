import { objection, type People } from "./people.ts";
import type { Settings } from "./settings.ts";

export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export interface Context {
  settings: Settings;
  people: People;
  /** Whether the server was told to stop: the proxy then has to turn elsewhere. */
  stopping: () => boolean;
}

type Handler = (context: Context, query: URLSearchParams) => Answer | Promise<Answer>;

const unavailable = (why: string): Answer => ({ status: 503, body: { error: why } });

function hello({ settings: { version, commit, environment } }: Context): Answer {
  return { status: 200, body: { message: "Hello from the demo", version, commit, environment } };
}

async function storePerson({ people }: Context, query: URLSearchParams): Promise<Answer> {
  const name = query.get("name");
  const error = objection(name);
  if (name === null || error !== undefined) return { status: 400, body: { error } };
  await people.store(name);
  return { status: 201, body: { name } };
}

async function listPeople({ people }: Context): Promise<Answer> {
  return { status: 200, body: await people.list() };
}

/** Whether this process wants requests. Says nothing of the database, whose absence a restart would not mend. */
function health({ stopping }: Context): Answer {
  return stopping() ? unavailable("stopping") : { status: 200, body: { status: "healthy" } };
}

async function ready({ stopping, people }: Context): Promise<Answer> {
  if (stopping()) return unavailable("stopping");
  try {
    await people.check();
    return { status: 200, body: { status: "ready" } };
  } catch {
    return unavailable("the database cannot be reached");
  }
}

const routes: Record<string, Record<string, Handler>> = {
  "/demo/hello": { GET: hello },
  "/demo/person": { GET: listPeople, PUT: storePerson },
  "/demo/health": { GET: health },
  "/demo/ready": { GET: ready },
};

/** The answer to a request. */
export async function answer(context: Context, method: string, target: string): Promise<Answer> {
  const url = URL.parse(target, "http://demo");
  const route = url === null || !Object.hasOwn(routes, url.pathname) ? undefined : routes[url.pathname];
  if (url === null || route === undefined) return { status: 404, body: { error: "no such path" } };
  const handler = route[method === "HEAD" ? "GET" : method];
  if (handler !== undefined) return handler(context, url.searchParams);
  const allow = Object.keys(route).flatMap((one) => (one === "GET" ? ["GET", "HEAD"] : [one]));
  return { status: 405, body: { error: `${method} is not possible here` }, headers: { Allow: allow.join(", ") } };
}
