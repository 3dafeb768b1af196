import { resolve } from "node:path";
import { setFlagsFromString } from "node:v8";
import { oidcSecret, readOidcSettings } from "../../dashboard/access/oidc-settings.ts";
import { readUsers } from "../../dashboard/access/users.ts";
import { createApp } from "../../dashboard/app.ts";
import { toStandardError } from "../../dashboard/audit.ts";
import { Live } from "../../dashboard/live.ts";
import { addPages } from "../../dashboard/pages.ts";
import { assertPrivate, serve } from "../../dashboard/serve.ts";
import { UsageError } from "../../pipeline/errors.ts";
import { generated } from "../../settings/project.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { say } from "../output.ts";
import { setUp } from "../set-up.ts";

export interface DashboardOptions {
  host: string;
  port: number;
  users?: string;
  oidc?: string;
  tlsCertificate?: string;
  tlsKey?: string;
  behindProxy: boolean;
}

/** Where users are listed unless it is said. */
export const usersFile = (said: string | undefined): string => (said ? resolve(said) : generated("users.yaml"));

function tlsOf({ tlsCertificate: certificate, tlsKey: key }: DashboardOptions) {
  if (certificate && key) return { tls: { certificate: resolve(certificate), key: resolve(key) } };
  if (!certificate && !key) return {};
  throw new UsageError("--tls-certificate and --tls-key belong together");
}

/** Where people log in who are not listed; loaded only where somebody says so. */
async function providerOf({ oidc }: DashboardOptions) {
  if (oidc === undefined) return undefined;
  const [settings, secret] = [await readOidcSettings(resolve(oidc)), await oidcSecret()];
  const { OidcProvider } = await import("../../dashboard/access/oidc.ts");
  return new OidcProvider(settings, secret);
}

/** Serves the web page with the button. */
export const dashboard: Command<DashboardOptions> = async (options, { signal }) => {
  // It runs for weeks beside other things: the heap grows by less before garbage is collected, which its pages do not notice.
  setFlagsFromString("--optimize-for-size");
  const { host, port, behindProxy } = options;
  const listen = { host, port, behindProxy, ...tlsOf(options) };
  assertPrivate(listen);
  const file = usersFile(options.users);
  const provider = await providerOf(options);
  if (!provider && (await readUsers(file)).length === 0) {
    throw new UsageError(`Nobody may log in: ${file} lists no users`, {
      next: "npm run promote -- dashboard user add NAME --role operate --email ADDRESS",
    });
  }
  await setUp(signal);
  const secure = behindProxy || "tls" in listen;
  const live = new Live(signal);
  await live.begin();
  const app = createApp(
    { users: () => readUsers(file), provider, secure, proxied: behindProxy, audit: toStandardError },
    (pages) => addPages(pages, live, signal),
  );
  await serve(app, listen, signal, (address) => say(`The dashboard answers at ${address} (Ctrl-C ends it)`));
  return exitCodes.done;
};
