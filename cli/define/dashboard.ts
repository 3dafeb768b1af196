import { type Command, InvalidArgumentError, Option } from "commander";

import type { Define } from "./words.ts";

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("Expected a port from 0 to 65535; 0 takes one that is free.");
}

const usersOption = ["--users <file>", "the file that lists who may log in (default: .slipway/users.yaml)"] as const;

const collected = (value: string, before: string[]): string[] => [...before, value];

function addDashboard(...[program, context, done]: Parameters<Define>): void {
  const dashboard = program
    .command("dashboard")
    .description("serve the web page that shows all of this and has the button for production")
    .option("--port <port>", "where it listens", port, 8800)
    .option("--host <address>", "on which address", "127.0.0.1")
    .option(
      "--tls-certificate <file>",
      "a certificate with its chain as PEM, for other addresses than this machine's own",
    )
    .option("--tls-key <file>", "its key")
    .option("--behind-proxy", "a proxy speaks TLS for it and says in X-Forwarded-For whom it asks for", false)
    .option(...usersOption)
    .option(
      "--oidc <file>",
      "at which OpenID Connect provider people may log in, and who may do what: docs/dashboard.md",
    )
    .action(async (options) => {
      const { dashboard } = await import("../commands/dashboard.ts");
      done(await dashboard(options, context));
    });
  const role = new Option("--role <role>", "view, also approve and reject, or also deliver").choices([
    "view",
    "approve",
    "operate",
  ]);
  dashboard
    .command("user")
    .description("who may log in")
    .command("add")
    .description("add somebody, or change them; asks for the password, or takes it from standard input")
    .argument("<name>", "whom")
    .addOption(role.makeOptionMandatory())
    .option("--email <address>", "by which git knows them; more than once for more", collected, [])
    .option(...usersOption)
    .action(async (name: string, _options, command: Command) => {
      const { addUser } = await import("../commands/dashboard-user.ts");
      const { role: given, email, users } = command.optsWithGlobals();
      done(await addUser({ name, role: given, email, ...(users ? { users } : {}) }, context));
    });
}

/** The web page. */
export const dashboard: Define = (...all) => {
  addDashboard(...all);
};
