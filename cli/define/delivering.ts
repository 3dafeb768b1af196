import { Option } from "commander";

import { type Define, description, json, positive, source, statusFile } from "./words.ts";

function addDeliver(...[program, context, done]: Parameters<Define>): void {
  program
    .command("deliver", { isDefault: true })
    .description("deliver a commit; the default command")
    .argument("[commit]", "what git knows it by: an id, a branch, a tag, HEAD~1", "HEAD")
    .option("--continuous", "deploy to production without asking")
    .option("--irreversible", "with --continuous: also a release with a migration that cannot be gone back from")
    .option("--break-glass <reason>", "to production without tests; kept and shown with the release for good")
    .option("--override <reason>", "deploy outside production's windows and in a freeze; kept with the release")
    .option("--again", "do again what the release has proved already")
    .option(...source)
    .option(...description)
    .option(...statusFile)
    .option(...json)
    .action(async (commit: string, options) => {
      const { deliver } = await import("../commands/deliver.ts");
      done(await deliver({ commit, continuous: false, irreversible: false, again: false, ...options }, context));
    });
}

function addWatch(...[program, context, done]: Parameters<Define>): void {
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
    .option(...source)
    .option(...description)
    .option(...statusFile)
    .option("--json", "print each event as JSON on a line of standard output")
    .action(async (options) => {
      const { watch } = await import("../commands/watch.ts");
      done(await watch({ local: false, every: false, continuous: false, ...options }, context));
    });
}

/** Delivering commits. */
export const delivering: Define = (...all) => {
  addDeliver(...all);
  addWatch(...all);
};
