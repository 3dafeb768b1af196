import { spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";

import { announce } from "../pipeline/progress-file.ts";
import { logPath } from "../pipeline/promotion.ts";
import { projectRoot } from "../settings/project.ts";

/**
 * Has a commit delivered by a process of its own, which goes on whatever becomes of this one; its file of progress tells how. It
 * asks nobody: what needs an approval that there is not stays ready.
 * @param commit a full commit id
 */
export async function startDelivery(commit: string): Promise<void> {
  const log = logPath(commit, "dashboard");
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, "w", 0o600);
  const command = [join(projectRoot, "cli", "main.ts"), "deliver", "--", commit];
  const options = { cwd: projectRoot, detached: true, stdio: ["ignore", file, file] as const };
  const child = spawn(process.execPath, command, { ...options, stdio: [...options.stdio] });
  child.on("error", (error) => process.stderr.write(`promote deliver cannot be started: ${error.message}\n`));
  child.unref();
  if (child.pid !== undefined) await announce(commit, child.pid);
}
