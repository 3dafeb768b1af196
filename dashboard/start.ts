import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";

import { announce, type Followed } from "../pipeline/progress-file.ts";
import { logPath } from "../pipeline/promotion.ts";
import type { EnvironmentName } from "../settings/environment.ts";
import { projectRoot } from "../settings/project.ts";

/**
 * Has `promote` do something in a process of its own, which goes on whatever becomes of this one; its file of progress tells how. It
 * asks nobody.
 */
async function start(what: Followed, name: string, args: readonly string[]): Promise<void> {
  const log = logPath(what.commit, name);
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, "w", 0o600);
  const command = [join(projectRoot, "cli", "main.ts"), ...args];
  const child = spawn(process.execPath, command, { cwd: projectRoot, detached: true, stdio: ["ignore", file, file] });
  closeSync(file);
  child.on("error", (error) => process.stderr.write(`promote ${args[0]} cannot be started: ${error.message}\n`));
  child.unref();
  if (child.pid !== undefined) await announce(what, child.pid);
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
