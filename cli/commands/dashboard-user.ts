import { hashOf } from "../../dashboard/access/password.ts";
import { type Role, writeUser } from "../../dashboard/access/users.ts";
import { UsageError } from "../../pipeline/errors.ts";
import { secret } from "../ask.ts";
import type { Command } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { say } from "../output.ts";
import { usersFile } from "./dashboard.ts";

export interface AddUserOptions {
  name: string;
  role: Role;
  email: string[];
  users?: string;
}

const shortest = 12;

/** Adds somebody who may log in to the dashboard, or gives them another password, role or e-mail addresses. */
export const addUser: Command<AddUserOptions> = async ({ name, role, email, users }, { signal }) => {
  const file = usersFile(users);
  const password = await secret(`Password for ${name}`, signal);
  if ([...password].length < shortest) {
    throw new UsageError(`The password has fewer than ${shortest} characters`, { next: "the same command again" });
  }
  await writeUser(file, { name, role, emails: email, password: await hashOf(password) });
  say(`${name} may log in and ${role}; ${file} lists it.`);
  return exitCodes.done;
};
