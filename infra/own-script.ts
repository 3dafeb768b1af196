/**
 * Runs a script of the working tree. Where that lies is told by an environment variable and not by the resource: two clones that
 * share a state would each take the other's folder for a change.
 */
const launcher = [
  'const { dirname } = require("node:path");',
  "const run = process.env.PULUMI_LANGUAGE_NODEJS_RUN_PATH;",
  "const cwd = run ? dirname(dirname(run)) : process.cwd();",
  'const { spawnSync } = require("node:child_process");',
  'process.exitCode = spawnSync(process.execPath, process.argv.slice(1), { cwd, stdio: "inherit" }).status ?? 1;',
].join(" ");

/** The interpreter of a local command whose words are a script of the working tree, the first of them, and its arguments. */
export const ownScript: readonly string[] = ["node", "--eval", launcher, "--"];
