import { Command, Help } from "commander";
import project from "../package.json" with { type: "json" };
import type { CommandContext } from "./context.ts";
import { dashboard } from "./define/dashboard.ts";
import { deciding } from "./define/deciding.ts";
import { delivering } from "./define/delivering.ts";
import { looking } from "./define/looking.ts";
import { maintaining } from "./define/maintaining.ts";
import type { Done } from "./define/words.ts";
import { exitCodesHelp } from "./exit-codes.ts";
import { showCommandsWith } from "./output.ts";
import { optionsText } from "./typed-commands.ts";

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
  npm run promote -- --source ../shop      deliver HEAD of another application's repository
  npm run promote -- deliver status        deliver the branch called "status"
  npm run promote -- deliver -- -odd-name  deliver a branch whose name begins with a hyphen
  eval "$(npm run -s promote -- env)"      then pulumi preview -s production, pulumi up -s staging, …`;

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
  program.hook("preAction", (_program, command) => useSource(command, context));
  program.configureHelp({ visibleOptions: (command) => (command === program ? allOptions(program) : own(command)) });
  for (const define of [delivering, looking, deciding, dashboard, maintaining]) define(program, context, done);
  return program;
}

/** Has all that follows be about the application that the command's options name. */
async function useSource(command: Command, { signal }: CommandContext): Promise<void> {
  const { source, description } = command.opts<{ source?: string; description?: string }>();
  // What init is to write is not there yet.
  if (command.name() === "init" || (source === undefined && description === undefined)) return;
  const commit = command.name() === "deliver" ? String(command.processedArgs[0]) : "HEAD";
  const found = await import("../pipeline/source.ts");
  await found.useSource({ source, description, commit }, signal);
  showCommandsWith(optionsText({ source, description }));
}

const own = (command: Command) => new Help().visibleOptions(command);

/** The program's options and those of the command that is meant when none is named. */
function allOptions(program: Command) {
  const deliver = program.commands.filter((command) => command.name() === "deliver");
  const all = [...deliver, program].flatMap(own);
  return all.filter((option, index) => all.findIndex(({ flags }) => flags === option.flags) === index);
}
