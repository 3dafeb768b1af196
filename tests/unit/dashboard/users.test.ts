import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { hashOf, isHash, verify } from "../../../dashboard/access/password.ts";
import { named, readUsers, type User, writeUser } from "../../../dashboard/access/users.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const hash = `$scrypt$ln=15,r=8,p=3$${"a".repeat(22)}$${"b".repeat(43)}`;
const ann: User = { name: "Ann", role: "approve", emails: ["ann@example.org"], password: hash };

test("a password fits its own hash alone, and two hashes of it differ", async () => {
  const [one, other] = [await hashOf("pässword"), await hashOf("pässword")];
  expect(one).not.toBe(other);
  expect(isHash(one)).toBe(true);
  expect(await verify("pässword".normalize("NFD"), one)).toBe(true);
  expect(await verify("password", one)).toBe(false);
}, 60_000);

test("a hash of a cost that nobody can pay, or none at all, is no hash", () => {
  for (const one of [
    "",
    "secret",
    hash.replace("ln=15", "ln=60"),
    hash.replace("r=8", "r=99"),
    hash.replace("p=3", "p=0"),
  ]) {
    expect(isHash(one)).toBe(false);
  }
});

test("users are written so that nobody else reads them, and are read again", async () => {
  const file = join(await temporaryFolder(), "deep", "users.yaml");
  expect(await readUsers(file)).toEqual([]);
  await writeUser(file, ann);
  await writeUser(file, { ...ann, name: "ci", role: "view", emails: [] });
  await writeUser(file, { ...ann, name: "ANN", role: "operate" });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const users = await readUsers(file);
  expect(users.map(({ name, role }) => [name, role])).toEqual([
    ["ci", "view"],
    ["ANN", "operate"],
  ]);
  expect(named(users, "ann")?.role).toBe("operate");
});

test("a file that others can read is refused", async () => {
  const file = join(await temporaryFolder(), "users.yaml");
  await writeUser(file, ann);
  await chmod(file, 0o644);
  await expect(readUsers(file)).rejects.toThrow(/can be read by others/);
});

test.each([
  ["a role that there is not", "role: approve", "role: root", /users\.0\.role/],
  ["a password in clear", "$scrypt", "secret", /users\.0\.password/],
  ["a name that is none", "name: Ann", "name: <b>", /users\.0\.name/],
  ["an unknown key", "role: approve", "role: approve\n    admin: true", /admin/],
  ["broken YAML", "users:", "users: [", /syntax/],
])("%s is refused with its place", async (_what, from, to, told) => {
  const file = join(await temporaryFolder(), "users.yaml");
  await writeUser(file, ann);
  await writeFile(
    file,
    (await readFile(file, "utf8")).replace(from, () => to),
  );
  await expect(readUsers(file)).rejects.toThrow(told);
});

test("a name stands there once", async () => {
  const file = join(await temporaryFolder(), "users.yaml");
  await writeUser(file, ann);
  const text = await readFile(file, "utf8");
  await writeFile(file, text + text.replace("users:\n", "").replace("Ann", "ann"));
  await expect(readUsers(file)).rejects.toThrow(/"ann" twice/);
});
