import { hashOf } from "../../../dashboard/access/password.ts";
import type { Role, User } from "../../../dashboard/access/users.ts";
import type { App } from "../../../dashboard/app.ts";
import { createApp } from "../../../dashboard/app.ts";
import type { Deed } from "../../../dashboard/audit.ts";

export const password = "correct horse battery";

/** The pages as a browser asks for them, without a browser. */
export interface Visitor {
  app: App;
  users: User[];
  deeds: Deed[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Sends a form from the pages themselves. */
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Logs in as the user of a role, and stays so. */
  login(role: Role): Promise<Response>;
  /** The token that this session's forms bring along. */
  token(): Promise<string>;
}

const site = "http://127.0.0.1:8800";
const hash = hashOf(password);

export async function visitor(add: (app: App) => void = () => {}, secure = false): Promise<Visitor> {
  const users: User[] = (["view", "approve", "operate"] as const).map((role) => ({
    name: role,
    role,
    emails: [`${role}@example.org`],
    password: "",
  }));
  for (const user of users) user.password = await hash;
  const deeds: Deed[] = [];
  const audit = (deed: Deed): void => void deeds.push(deed);
  const app = createApp({ users: () => Promise.resolve(users), secure, proxied: true, audit }, add);
  let cookie = "";
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { host: "127.0.0.1:8800", cookie, ...(init.headers as Record<string, string>) };
    const response = await app.request(`${site}${path}`, { ...init, headers });
    const [given] = response.headers.getSetCookie();
    if (given) cookie = given.split(";")[0] ?? "";
    return response;
  };
  const get: Visitor["get"] = (path, headers = {}) => ask(path, { headers });
  const post: Visitor["post"] = (path, form, headers = {}) =>
    ask(path, { method: "POST", body: new URLSearchParams(form), headers: { origin: site, ...headers } });
  return {
    app,
    users,
    deeds,
    get,
    post,
    login: (role) => post("/login", { name: role, password }),
    token: async () => / name="token" value="([^"]+)"/.exec(await (await get("/no-such-page")).text())?.[1] ?? "",
  };
}
