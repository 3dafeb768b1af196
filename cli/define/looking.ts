import { type EnvironmentName, environments } from "../../settings/environment.ts";
import { type Define, environment, json, positive, source } from "./words.ts";

function addStatus(...[program, context, done]: Parameters<Define>): void {
  program
    .command("status")
    .description("show what release each environment runs, as its Swarm's tasks tell it")
    .option(...source)
    .option(...json)
    .action(async (options) => {
      const { status } = await import("../commands/status.ts");
      done(await status(options, context));
    });
}

function addPreview(...[program, context, done]: Parameters<Define>): void {
  program
    .command("preview")
    .description("show what would change in an environment; changes nothing")
    .argument("[environment]", environments.join(", "), environment, "production")
    .option("--commit <commit>", "compare with the release built from this commit; without it HEAD's, if it was built")
    .option("--exit-code", "exit with 20 when there are changes")
    .option(...source)
    .option(...json)
    .action(async (name: EnvironmentName, options) => {
      const { preview } = await import("../commands/preview.ts");
      done(await preview({ environment: name, exitCode: false, ...options }, context));
    });
}

const ofDrift = `
Compares Pulumi's state with what the Swarm holds, in a second or two and without running a program: services and all that they are
set to, configs, secrets, networks and nodes. What a deployment is changing just now is not compared. See docs/drift.md.`;

function addDrift(...[program, context, done]: Parameters<Define>): void {
  program
    .command("drift")
    .description(
      "show what was changed by hand, so that it is not as Pulumi says; changes nothing, exits with 23 if any",
    )
    .argument("[environment]", `${environments.join(", ")}; all of them without one`, environment)
    .option(...source)
    .option(...json)
    .addHelpText("after", ofDrift)
    .action(async (name: EnvironmentName | undefined, options) => {
      const { drift } = await import("../commands/drift.ts");
      done(await drift({ ...(name ? { environment: name } : {}), ...options }, context));
    });
}

const ofHistory = `
Without an environment: the runs of all commits. With one: all that changed it, what was done with pulumi by hand included.
Of production also DORA's figures: deployment frequency, change lead time (from when git had a commit until production ran it,
its tests passed), change fail percentage (deployments that went back, or were taken back by hand) and failed deployment recovery
time (from when production began to change until it ran what holds). --json has each step's seconds, and why one said no.`;

function addHistory(...[program, context, done]: Parameters<Define>): void {
  program
    .command("history")
    .description("show what ran when, by whom, how it ended and why; of production also DORA's four figures")
    .argument("[environment]", environments.join(", "), environment)
    .option("--limit <number>", "how many at most", positive, 20)
    .option("--days <number>", "how far back DORA's figures go", positive, 30)
    .option(...source)
    .option(...json)
    .addHelpText("after", ofHistory)
    .action(async (name: EnvironmentName | undefined, options) => {
      const { history } = await import("../commands/history.ts");
      done(await history({ ...(name ? { environment: name } : {}), ...options }, context));
    });
}

function addEvidence(...[program, context, done]: Parameters<Define>): void {
  program
    .command("evidence")
    .description("show what a release has proved, and check whose word it is")
    .argument("[commit]", "the commit that it was built from", "HEAD")
    .option(...source)
    .option(...json)
    .action(async (commit: string, options) => {
      const { evidence } = await import("../commands/evidence.ts");
      done(await evidence({ commit, ...options }, context));
    });
}

/** Looking, which changes nothing. */
export const looking: Define = (...all) => {
  addStatus(...all);
  addPreview(...all);
  addDrift(...all);
  addHistory(...all);
  addEvidence(...all);
};
