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

function addAdopt(...[program, context, done]: Parameters<Define>): void {
  program
    .command("adopt")
    .description(
      "have Pulumi look after a stack that docker stack deploy made; no task is touched (docs/stack-file.md)",
    )
    .argument("<stack>", "what it was deployed as")
    .option("--host <address>", "of a manager, such as unix:///var/run/docker.sock; this machine's engine by default")
    .option("--program <folder>", "where the program is that declares it; this project by default")
    .option(...json)
    .action(async (stack: string, options) => {
      const { adopt } = await import("../commands/adopt.ts");
      done(await adopt({ stack, ...options }, context));
    });
}

function addMoveState(...[program, context, done]: Parameters<Define>): void {
  program
    .command("move-state")
    .description("move Pulumi's state to another backend; nothing that runs is touched (docs/backend.md)")
    .argument("<url>", "where to, such as s3://bucket or postgres://user@host/database")
    .option("--secrets-provider <provider>", "what encrypts secrets from then on, such as awskms://alias/slipway")
    .option(...json)
    .action(async (url: string, options) => {
      const { moveState } = await import("../commands/move-state.ts");
      done(await moveState({ url, ...options }, context));
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
  addAdopt(...all);
  addMoveState(...all);
  addEnv(...all);
  addDoctor(...all);
};
