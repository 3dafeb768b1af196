import { type EnvironmentName, environments } from "../../settings/environment.ts";
import { type Define, environment, json, source } from "./words.ts";

function addKey(...[program, context, done]: Parameters<Define>): void {
  program
    .command("key")
    .description("print the public key by which what is signed here is checked")
    .option(...json)
    .action(async (options) => {
      const { key } = await import("../commands/key.ts");
      done(await key(options, context));
    });
}

function addDecisions(...[program, context, done]: Parameters<Define>): void {
  const decision = (name: string, what: string) =>
    program
      .command(name)
      .description(what)
      .argument("<commit>", "the commit of the release")
      .option("--yes", "do not ask")
      .option(...source)
      .option(...json);
  decision("approve", "approve the change of production that a release would make now; promote then deploys it").action(
    async (commit: string, options) => {
      const { decide } = await import("../commands/decide.ts");
      done(await decide({ commit, decision: "approved", yes: false, ...options }, context));
    },
  );
  decision("reject", "reject a release for production, for good: it never comes there")
    .requiredOption("--reason <text>", "why")
    .action(async (commit: string, options) => {
      const { decide } = await import("../commands/decide.ts");
      done(await decide({ commit, decision: "rejected", yes: false, ...options }, context));
    });
}

function addRollback(...[program, context, done]: Parameters<Define>): void {
  program
    .command("rollback")
    .description("take an environment back to an earlier release, after showing what would change")
    .argument("[environment]", environments.join(", "), environment, "production")
    .argument("[commit]", "the commit of the release; without it, the release that ran before")
    .option("--yes", "do not ask")
    .option("--diff <sha256>", "do nothing unless this is what would change, as the dashboard names it")
    .option(...source)
    .option(...json)
    .action(async (name: EnvironmentName, commit: string | undefined, options) => {
      const { rollback } = await import("../commands/rollback.ts");
      done(await rollback({ environment: name, yes: false, ...(commit ? { commit } : {}), ...options }, context));
    });
}

/** What people decide about releases. */
export const deciding: Define = (...all) => {
  addKey(...all);
  addDecisions(...all);
  addRollback(...all);
};
