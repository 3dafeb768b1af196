import { Command, Help, InvalidArgumentError, Option } from "commander";
import project from "../package.json" with { type: "json" };
import { type EnvironmentName, environments, isEnvironment } from "../settings/environment.ts";
import type { CommandContext } from "./context.ts";
import { exitCodesHelp } from "./exit-codes.ts";

function environment(text: string): EnvironmentName {
  if (isEnvironment(text)) return text;
  throw new InvalidArgumentError(`Expected one of ${environments.join(", ")}.`);
}

function positive(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1 to 99999.");
}

const about = `Delivers a commit in nine steps to Docker Swarm:
 1 check out the commit   2 unit tests   3 build the images
 4 deploy to staging      5 functional tests
 6 deploy to prodlike     7 production readiness tests
 8 deploy to production   9 production readiness tests
Without a command it delivers HEAD, and takes the options of "deliver".`;

const examples = `
Examples:
  npm run promote                          deliver HEAD; asks before production
  npm run promote -- --continuous          deliver HEAD, production included, without asking
  npm run promote -- v1.2                  deliver a tag, a branch or a commit
  npm run promote -- deliver status        deliver the branch called "status"
  npm run promote -- deliver -- -odd-name  deliver a branch whose name begins with a hyphen
  eval "$(npm run -s promote -- env)"      then pulumi preview -s production, pulumi up -s staging, …`;

const description = [
  "--description <path>",
  "where delivery.yaml is in the repository, when there is more than one",
] as const;

const statusFile = [
  "--status-file <path>",
  "keep how each commit stands in a JSON file; see docs/continuous.md",
] as const;

const json = ["--json", "print the result as JSON on standard output"] as const;

type Done = (code: number) => void;

/**
 * The command line. Each command is loaded only when it runs, so that --help is quick.
 * @param done takes the exit code
 */
export function buildProgram(context: CommandContext, done: Done): Command {
  const program = new Command("npm run promote --")
    .description(about)
    .version(project.version)
    .addHelpText("after", `${examples}\n${exitCodesHelp}`)
    .showHelpAfterError("(npm run promote -- --help shows what there is)")
    .exitOverride();
  program.configureHelp({ visibleOptions: (command) => (command === program ? allOptions(program) : own(command)) });
  for (const add of [
    addDeliver,
    addWatch,
    addStatus,
    addPreview,
    addDrift,
    addHistory,
    addEvidence,
    addKey,
    addDecisions,
    addRollback,
    addPrune,
    addDashboard,
    addDestroy,
    addEnv,
    addDoctor,
  ])
    add(program, context, done);
  return program;
}

const own = (command: Command) => new Help().visibleOptions(command);

/** The program's options and those of the command that is meant when none is named. */
function allOptions(program: Command) {
  const deliver = program.commands.filter((command) => command.name() === "deliver");
  const all = [...deliver, program].flatMap(own);
  return all.filter((option, index) => all.findIndex(({ flags }) => flags === option.flags) === index);
}

function addDeliver(program: Command, context: CommandContext, done: Done): void {
  program
    .command("deliver", { isDefault: true })
    .description("deliver a commit; the default command")
    .argument("[commit]", "what git knows it by: an id, a branch, a tag, HEAD~1", "HEAD")
    .option("--continuous", "deploy to production without asking")
    .option("--irreversible", "with --continuous: also a release with a migration that cannot be gone back from")
    .option("--break-glass <reason>", "to production without tests; kept and shown with the release for good")
    .option("--override <reason>", "deploy outside production's windows and in a freeze; kept with the release")
    .option("--again", "do again what the release has proved already")
    .option(...description)
    .option(...statusFile)
    .option(...json)
    .action(async (commit: string, options) => {
      const { deliver } = await import("./commands/deliver.ts");
      done(await deliver({ commit, continuous: false, irreversible: false, again: false, ...options }, context));
    });
}

function addWatch(program: Command, context: CommandContext, done: Done): void {
  program
    .command("watch")
    .description("follow a branch and deliver what comes to it, and what is approved; ends when asked to")
    .option("--branch <name>", "the branch", "main")
    .addOption(new Option("--remote <name>", "the remote to follow it in; origin, or the only one").conflicts("local"))
    .option("--local", "this clone's own branch, though it has a remote")
    .option("--every", "deliver each commit; without it the newest, when they come faster than they are delivered")
    .option("--continuous", "deploy to production without asking")
    .option("--interval <seconds>", "how often to look", positive, 30)
    .option("--drift <seconds>", "how often to compare environments with Pulumi, between deliveries", positive, 300)
    .option("--no-drift", "do not compare them")
    .option(...description)
    .option(...statusFile)
    .option("--json", "print each event as JSON on a line of standard output")
    .action(async (options) => {
      const { watch } = await import("./commands/watch.ts");
      done(await watch({ local: false, every: false, continuous: false, ...options }, context));
    });
}

function addStatus(program: Command, context: CommandContext, done: Done): void {
  program
    .command("status")
    .description("show what release each environment runs, as its Swarm's tasks tell it")
    .option(...json)
    .action(async (options) => {
      const { status } = await import("./commands/status.ts");
      done(await status(options, context));
    });
}

function addPreview(program: Command, context: CommandContext, done: Done): void {
  program
    .command("preview")
    .description("show what would change in an environment; changes nothing")
    .argument("[environment]", environments.join(", "), environment, "production")
    .option("--commit <commit>", "compare with the release built from this commit; without it HEAD's, if it was built")
    .option("--exit-code", "exit with 20 when there are changes")
    .option(...json)
    .action(async (name: EnvironmentName, options) => {
      const { preview } = await import("./commands/preview.ts");
      done(await preview({ environment: name, exitCode: false, ...options }, context));
    });
}

const ofDrift = `
Compares Pulumi's state with what the Swarm holds, in a second or two and without running a program: services and all that they are
set to, configs, secrets, networks and nodes. What a deployment is changing just now is not compared. See docs/drift.md.`;

function addDrift(program: Command, context: CommandContext, done: Done): void {
  program
    .command("drift")
    .description(
      "show what was changed by hand, so that it is not as Pulumi says; changes nothing, exits with 23 if any",
    )
    .argument("[environment]", `${environments.join(", ")}; all of them without one`, environment)
    .option(...json)
    .addHelpText("after", ofDrift)
    .action(async (name: EnvironmentName | undefined, options) => {
      const { drift } = await import("./commands/drift.ts");
      done(await drift({ ...(name ? { environment: name } : {}), ...options }, context));
    });
}

const ofHistory = `
Without an environment: the runs of all commits. With one: all that changed it, what was done with pulumi by hand included.
Of production also DORA's figures: deployment frequency, change lead time (from when git had a commit until production ran it,
its tests passed), change fail percentage (deployments that went back, or were taken back by hand) and failed deployment recovery
time (from when production began to change until it ran what holds). --json has each step's seconds, and why one said no.`;

function addHistory(program: Command, context: CommandContext, done: Done): void {
  program
    .command("history")
    .description("show what ran when, by whom, how it ended and why; of production also DORA's four figures")
    .argument("[environment]", environments.join(", "), environment)
    .option("--limit <number>", "how many at most", positive, 20)
    .option("--days <number>", "how far back DORA's figures go", positive, 30)
    .option(...json)
    .addHelpText("after", ofHistory)
    .action(async (name: EnvironmentName | undefined, options) => {
      const { history } = await import("./commands/history.ts");
      done(await history({ ...(name ? { environment: name } : {}), ...options }, context));
    });
}

function addEvidence(program: Command, context: CommandContext, done: Done): void {
  program
    .command("evidence")
    .description("show what a release has proved, and check whose word it is")
    .argument("[commit]", "the commit that it was built from", "HEAD")
    .option(...json)
    .action(async (commit: string, options) => {
      const { evidence } = await import("./commands/evidence.ts");
      done(await evidence({ commit, ...options }, context));
    });
}

function addKey(program: Command, context: CommandContext, done: Done): void {
  program
    .command("key")
    .description("print the public key by which what is signed here is checked")
    .option(...json)
    .action(async (options) => {
      const { key } = await import("./commands/key.ts");
      done(await key(options, context));
    });
}

function addDecisions(program: Command, context: CommandContext, done: Done): void {
  const decision = (name: string, what: string) =>
    program
      .command(name)
      .description(what)
      .argument("<commit>", "the commit of the release")
      .option("--yes", "do not ask")
      .option(...json);
  decision("approve", "approve the change of production that a release would make now; promote then deploys it").action(
    async (commit: string, options) => {
      const { decide } = await import("./commands/decide.ts");
      done(await decide({ commit, decision: "approved", yes: false, ...options }, context));
    },
  );
  decision("reject", "reject a release for production, for good: it never comes there")
    .requiredOption("--reason <text>", "why")
    .action(async (commit: string, options) => {
      const { decide } = await import("./commands/decide.ts");
      done(await decide({ commit, decision: "rejected", yes: false, ...options }, context));
    });
}

function addRollback(program: Command, context: CommandContext, done: Done): void {
  program
    .command("rollback")
    .description("take an environment back to an earlier release, after showing what would change")
    .argument("[environment]", environments.join(", "), environment, "production")
    .argument("[commit]", "the commit of the release; without it, the release that ran before")
    .option("--yes", "do not ask")
    .option(...json)
    .action(async (name: EnvironmentName, commit: string | undefined, options) => {
      const { rollback } = await import("./commands/rollback.ts");
      done(await rollback({ environment: name, yes: false, ...(commit ? { commit } : {}), ...options }, context));
    });
}

function addPrune(program: Command, context: CommandContext, done: Done): void {
  program
    .command("prune")
    .description(
      "remove old releases' images and evidence that nothing needs, after showing which, and free their space",
    )
    .option("--dry-run", "only show what would go and what stays, and why")
    .option("--yes", "do not ask")
    .option(...json)
    .action(async (options) => {
      const { prune } = await import("./commands/prune.ts");
      done(await prune({ dryRun: false, yes: false, ...options }, context));
    });
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("Expected a port from 0 to 65535; 0 takes one that is free.");
}

const usersOption = ["--users <file>", "the file that lists who may log in (default: .slipway/users.yaml)"] as const;

function addDashboard(program: Command, context: CommandContext, done: Done): void {
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
    .action(async (options) => {
      const { dashboard } = await import("./commands/dashboard.ts");
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
      const { addUser } = await import("./commands/dashboard-user.ts");
      const { role: given, email, users } = command.optsWithGlobals();
      done(await addUser({ name, role: given, email, ...(users ? { users } : {}) }, context));
    });
}

const collected = (value: string, before: string[]): string[] => [...before, value];

function addDestroy(program: Command, context: CommandContext, done: Done): void {
  program
    .command("destroy")
    .description("remove the environments, the registry and all else that was made on this machine")
    .option("--yes", "do not ask")
    .option(...json)
    .action(async (options) => {
      const { destroy } = await import("./commands/destroy.ts");
      done(await destroy({ yes: false, ...options }, context));
    });
}

function addEnv(program: Command, context: CommandContext, done: Done): void {
  program
    .command("env")
    .description("print the variables for using pulumi by hand, for eval")
    .option(...json)
    .action(async (options) => {
      const { env } = await import("./commands/env.ts");
      done(await env(options, context));
    });
}

function addDoctor(program: Command, context: CommandContext, done: Done): void {
  program
    .command("doctor")
    .description("say what is present, what is missing, and how to get it")
    .option(...json)
    .action(async (options) => {
      const { doctor } = await import("./commands/doctor.ts");
      done(await doctor(options, context));
    });
}
