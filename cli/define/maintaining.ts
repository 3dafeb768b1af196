import { type Define, json, source } from "./words.ts";

function addPrune(...[program, context, done]: Parameters<Define>): void {
  program
    .command("prune")
    .description(
      "remove old releases' images and evidence that nothing needs, after showing which, and free their space",
    )
    .option("--dry-run", "only show what would go and what stays, and why")
    .option("--yes", "do not ask")
    .option(...json)
    .action(async (options) => {
      const { prune } = await import("../commands/prune.ts");
      done(await prune({ dryRun: false, yes: false, ...options }, context));
    });
}

function addDestroy(...[program, context, done]: Parameters<Define>): void {
  program
    .command("destroy")
    .description("remove the environments, the registry and all else that was made on this machine")
    .option("--yes", "do not ask")
    .option(source[0], "remove only this application from its environments; see docs/applications.md")
    .option(...json)
    .action(async (options) => {
      const { destroy } = await import("../commands/destroy.ts");
      done(await destroy({ yes: false, ...options }, context));
    });
}

function addEnv(...[program, context, done]: Parameters<Define>): void {
  program
    .command("env")
    .description("print the variables for using pulumi by hand, for eval")
    .option(...source)
    .option(...json)
    .action(async (options) => {
      const { env } = await import("../commands/env.ts");
      done(await env(options, context));
    });
}

function addDoctor(...[program, context, done]: Parameters<Define>): void {
  program
    .command("doctor")
    .description("say what is present, what is missing, and how to get it")
    .option(...json)
    .action(async (options) => {
      const { doctor } = await import("../commands/doctor.ts");
      done(await doctor(options, context));
    });
}

/** Looking after what is kept and installed. */
export const maintaining: Define = (...all) => {
  addPrune(...all);
  addDestroy(...all);
  addEnv(...all);
  addDoctor(...all);
};
