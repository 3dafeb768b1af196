import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { generated, projectRoot, pulumiHome } from "../settings/project.ts";
import { ownBackend, quietHome } from "../settings/pulumi-environment.ts";
import { UsageError } from "./errors.ts";
import { git } from "./git.ts";

const saltLine = /^encryptionsalt:.*\n?/m;

/** Leaves the salt out, unless there are secrets, which nobody could read without it. */
const withoutSalt =
  "awk '/^ *secure: / { keep = 1 } { line[NR] = $0 } " +
  "END { for (n = 1; n <= NR; n++) if (keep || line[n] !~ /^encryptionsalt:/) print line[n] }'";

/**
 * Pulumi writes a stack's `encryptionsalt` into Pulumi.STACK.yaml. It belongs to this machine's state and not to the
 * repository, so git is told to look past it; .gitattributes names the filter.
 */
async function hideSaltFromGit(root: string): Promise<void> {
  const wanted = { clean: withoutSalt, required: "false" };
  for (const [key, value] of Object.entries(wanted)) {
    const name = `filter.slipway-salt.${key}`;
    const present = (await git(root, ["config", "--local", "--get", name])).stdout.trim();
    // Nothing is written where it is so already: two runs at once would collide on git's lock.
    if (present !== value) await git(root, ["config", "--local", name, value]);
  }
}

const stackFiles = async (root: string): Promise<string[]> =>
  (await readdir(root)).filter((name) => /^Pulumi\..+\.yaml$/.test(name));

const committed = async (root: string, file: string): Promise<string> =>
  (await git(root, ["show", `HEAD:./${file}`])).stdout;

/** Removes a stack's file that nobody wrote anything into: Pulumi made it for the salt. */
export async function removeIfOnlySalt(stack: string, root: string = projectRoot): Promise<void> {
  const file = join(root, `Pulumi.${stack}.yaml`);
  const text = await textOf(file);
  if (text?.replace(saltLine, "").trim() === "") await rm(file);
}

/** A new passphrase cannot open what an older one closed: what is left of deleted state has to go, and only that. */
async function removeStaleSalts(root: string): Promise<void> {
  for (const file of await stackFiles(root)) {
    const text = await readFile(join(root, file), "utf8");
    if (!saltLine.test(text)) continue;
    if (saltLine.test(await committed(root, file))) {
      throw new UsageError(`${file} is encrypted with a passphrase of yours that is not set here`, {
        next: "export PULUMI_CONFIG_PASSPHRASE=… (or PULUMI_CONFIG_PASSPHRASE_FILE)",
      });
    }
    await writeFile(join(root, file), text.replace(saltLine, ""));
  }
}

async function createPassphrase(root: string, file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there && there.size > 0) return;
  await removeStaleSalts(root);
  await writeFile(file, randomBytes(32).toString("base64url"), { mode: 0o600 });
}

const textOf = (file: string): Promise<string | undefined> => readFile(file, "utf8").catch(() => undefined);

const saltIn = (text: string | undefined): string | undefined => saltLine.exec(text ?? "")?.[0];

const withSalt = (text: string, salt: string): string => `${text.trimEnd()}\n${salt}`;

/** Writes a stack's file as it was, with the salt that it did not have. */
async function keepSalt(file: string, before: string | undefined, salt: string | undefined): Promise<void> {
  if (salt && before !== undefined && !saltIn(before)) await writeFile(file, withSalt(before, salt));
}

/**
 * Does something during which Pulumi may add the salt to a stack's file. It would write the whole file anew, without
 * comments and with every number in quotes; what the person wrote is put back, and only the salt is kept. What runs in
 * another folder, such as a checkout, has the salt of the project's own file, and shares a new one with it.
 */
export async function keepingSettings<Result>(
  stack: string,
  action: () => Promise<Result>,
  { root = projectRoot, folder = root }: { root?: string; folder?: string } = {},
): Promise<Result> {
  const name = `Pulumi.${stack}.yaml`;
  const own = join(root, name);
  const used = join(folder, name);
  if (folder !== root) await keepSalt(used, await textOf(used), saltIn(await textOf(own)));
  const [ownBefore, usedBefore] = [await textOf(own), await textOf(used)];
  try {
    return await action();
  } finally {
    const salt = saltIn(await textOf(used));
    await keepSalt(used, usedBefore, salt);
    await keepSalt(own, ownBefore, salt);
    if (salt && !saltIn(ownBefore)) await settleIndex(root);
  }
}

/**
 * Git takes a file for changed when its size differs from what the index remembers, and never gets to filter it. Where
 * nothing but the salt differs, the index is told the new size; what is staged stays the same.
 */
async function settleIndex(root: string): Promise<void> {
  const suspects = (await git(root, ["diff-files", "--name-only", "--relative"])).stdout.split("\n");
  for (const file of suspects.filter((name) => /^Pulumi\.[^/]+\.yaml$/.test(name))) {
    const difference = await git(root, ["diff", "--no-ext-diff", "--", file]);
    if (difference.exitCode === 0 && difference.stdout === "") await git(root, ["update-index", "--", file]);
  }
}

/**
 * Pulumi logs all that it does at its most talkative level, and has no switch for it: a third of what a large stack's preview
 * takes, and 500 MB in the person's home. It goes without where it cannot make the folder.
 */
async function prepareHome(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFile(join(home, "logs"), "Slipway keeps logs of its own. See docs/decisions.md.\n");
  for (const name of ["plugins", "versions"]) {
    const [link, target] = [join(home, name), join(pulumiHome(), name)];
    if ((await readlink(link).catch(() => undefined)) === target) continue;
    await rm(link, { force: true });
    await symlink(target, link);
  }
}

/**
 * Makes what Pulumi needs before its first use: the folder of its state, a home, a random passphrase that only its owner can
 * read, and git's blindness for the salt. What the person has set themselves is left alone.
 */
export async function prepareBackend(root: string = projectRoot, folder: string = generated()): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await prepareHome(quietHome(folder));
  await hideSaltFromGit(root);
  await settleIndex(root);
  const { url, passphrase } = ownBackend();
  if (url === undefined) await mkdir(join(folder, "state"), { recursive: true, mode: 0o700 });
  if (passphrase === undefined) await createPassphrase(root, join(folder, "passphrase"));
}
