import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { parseDocument, stringify } from "yaml";
import { z } from "zod";

import { UsageError } from "../../pipeline/errors.ts";
import { SettingsError } from "../../settings/errors.ts";
import { check } from "../../settings/problems.ts";
import { isHash } from "./password.ts";

/** What somebody may do, each of them also what those before it may: look, decide about production, deliver and take back. */
export const roles = ["view", "approve", "operate"] as const;
export type Role = (typeof roles)[number];

export const may = ({ role }: Pick<User, "role">, wanted: Role): boolean =>
  roles.indexOf(role) >= roles.indexOf(wanted);

const nameExpected = "a name of letters, digits, dots, hyphens and underscores, at most 64";
const user = z.strictObject({
  name: z.string(nameExpected).regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, nameExpected),
  role: z.enum(roles, `one of ${roles.join(", ")}`),
  emails: z.array(z.email("an e-mail address"), "a list of e-mail addresses").default([]),
  password: z
    .string("a hash of a password")
    .refine(isHash, "a hash of a password, as promote dashboard user add makes it"),
});

/** Somebody who may log in. */
export type User = z.output<typeof user>;

/** Who is logged in, as whoever let them in knows them. */
export type Account = Omit<User, "password">;

const schema = z.strictObject({ users: z.array(user, "a list of users") });

function parse(text: string, shownAs: string): User[] {
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw new SettingsError(shownAs, [{ at: "syntax", found: broken.message, expected: "YAML" }]);
  const result = check(schema, document.toJS() ?? { users: [] });
  if ("problems" in result) throw new SettingsError(shownAs, result.problems);
  const { users } = result.value;
  const twice = users.find(({ name }, index) => users.findIndex((one) => sameName(one.name, name)) !== index);
  if (!twice) return users;
  throw new SettingsError(shownAs, [{ at: "users", found: `"${twice.name}" twice`, expected: "each name once" }]);
}

const sameName = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** The user of a name, whichever case it is typed in. */
export const named = (users: readonly User[], name: string): User | undefined =>
  users.find((one) => sameName(one.name, name));

/**
 * Who may log in, by the file that lists them.
 * @returns nobody where there is no such file
 * @throws SettingsError naming every entry that is wrong, UsageError when others can read the file
 */
export async function readUsers(file: string): Promise<User[]> {
  const found = await stat(file).catch(() => undefined);
  if (!found) return [];
  if ((found.mode & 0o077) !== 0) {
    throw new UsageError(`${file} can be read by others than its owner`, { next: `chmod 600 ${file}` });
  }
  return parse(await readFile(file, "utf8"), basename(file));
}

/** Adds somebody to the file, or changes them where they are in it. */
export async function writeUser(file: string, user: User): Promise<void> {
  const users = await readUsers(file);
  const others = users.filter(({ name }) => !sameName(name, user.name));
  const text = stringify({ users: [...others, user] });
  parse(text, basename(file));
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}
