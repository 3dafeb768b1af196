import { InvalidArgumentError } from "commander";

import { type Define, json, positive, source } from "./words.ts";

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

function route(text: string): { service: string; port: number } {
  const [, service = "", port = ""] = /^([^:]+):(\d{1,5})$/.exec(text) ?? [];
  if (service !== "") return { service, port: Number(port) };
  throw new InvalidArgumentError("Expected a service and the port that its tasks listen on, such as web:3000.");
}

function addInit(...[program, context, done]: Parameters<Define>): void {
  program
    .command("init")
    .description("write a delivery.yaml and example suites into a repository with a Compose file or a Dockerfile")
    .requiredOption("--source <folder>", "the repository, or a folder in it")
    .option("--name <name>", "what the application is called")
    .option("--unit-tests <command>", "what runs its unit tests")
    .option("--route <service:port>", "the service that users reach, and the port that its tasks listen on", route)
    .option("--health <path>", "the path that answers 200 while a task of it wants requests")
    .option("--port <port>", "the port of every node on which it is to be reached", positive)
    .option(...json)
    .addHelpText(
      "after",
      "\nWhat is not given is asked, and where nobody can be asked, taken from the repository's files.",
    )
    .action(async (options) => {
      const { init } = await import("../commands/init.ts");
      done(await init(options, context));
    });
}

/** Beginning, and looking after what is kept and installed. */
export const maintaining: Define = (...all) => {
  addInit(...all);
  addPrune(...all);
  addDestroy(...all);
  addAdopt(...all);
  addMoveState(...all);
  addEnv(...all);
  addDoctor(...all);
};
