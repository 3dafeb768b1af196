import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";

import { type Presence, present } from "../pipeline/presence.ts";
import { announce, type Followed } from "../pipeline/progress-file.ts";
import { logPath } from "../pipeline/promotion.ts";
import { dashboardService } from "../settings/dashboard.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { projectRoot } from "../settings/project.ts";
import { startJob } from "./job.ts";

/** As a process of its own. @returns how it is known, if it runs */
async function asProcess({ commit }: Followed, name: string, args: readonly string[]): Promise<Presence | undefined> {
  const log = logPath(commit, name);
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, "w", 0o600);
  const command = [join(projectRoot, "cli", "main.ts"), ...args];
  const child = spawn(process.execPath, command, { cwd: projectRoot, detached: true, stdio: ["ignore", file, file] });
  closeSync(file);
  child.on("error", (error) => process.stderr.write(`promote ${args[0]} cannot be started: ${error.message}\n`));
  child.unref();
  return child.pid === undefined ? undefined : present(child.pid);
}

/**
 * Has `promote` do something that goes on whatever becomes of this process; its file of progress tells how. It asks nobody. Where this
 * process is a task of Swarm, what it starts would end with it, and is a job of Swarm.
 */
async function start(what: Followed, name: string, args: readonly string[]): Promise<void> {
  const service = process.env[dashboardService];
  const who = service ? await startJob(service, args) : await asProcess(what, name, args);
  if (who) await announce(what, who);
}

/**
 * Has a commit delivered; what needs an approval that there is not stays ready.
 * @param commit a full commit id
 */
export const startDelivery = (commit: string): Promise<void> =>
  start({ commit }, "dashboard", ["deliver", "--", commit]);

/**
 * Has an environment go back to a commit's release, if that changes what somebody was shown and nothing else.
 * @param diff SHA-256 of that change
 */
export const startRollback = (environment: EnvironmentName, commit: string, diff: string): Promise<void> =>
  start({ commit, environment }, `dashboard-rollback-${environment}`, [
    "rollback",
    "--yes",
    "--diff",
    diff,
    "--",
    environment,
    commit,
  ]);
