import { readFile } from "node:fs/promises";

import { UsageError } from "../errors.ts";
import { type CommitStatus, context } from "./state.ts";

/** The environment variable with the address that takes a commit's status; `{sha}` stands for the commit. */
export const urlVariable = "SLIPWAY_STATUS_URL";
/** The one with what proves there who we are, and the one that names a file of it. */
export const tokenVariable = "SLIPWAY_STATUS_TOKEN";
export const tokenFileVariable = "SLIPWAY_STATUS_TOKEN_FILE";

/** Where statuses go: a code host's API, or something that takes the same. */
export interface StatusHost {
  /** Its name, which is all of it that may be shown: an address can be a secret itself. */
  name: string;
  addressOf(commit: string): URL;
  headers: Record<string, string>;
  body(status: CommitStatus): Record<string, string>;
}

const example = "https://api.github.com/repos/OWNER/NAME/statuses/{sha}";

function wrong(why: string): UsageError {
  return new UsageError(`${urlVariable} ${why}`, { next: `export ${urlVariable}='${example}'` });
}

/** What is on this machine may be spoken to in clear text. */
const isLocal = ({ hostname }: URL): boolean => /^(127\.[\d.]+|localhost|\[::1\])$/.test(hostname);

function assertFit(template: string): URL {
  if (!template.includes("{sha}")) throw wrong("has no {sha} in it, in whose place the commit comes");
  const address = template.replaceAll("{sha}", "0".repeat(40));
  if (!URL.canParse(address)) throw wrong("is not a URL");
  const url = new URL(address);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal(url))) {
    throw wrong("has to begin with https://, since a token goes there");
  }
  if (url.username !== "" || url.password !== "") {
    throw wrong(`holds a user or a password; what proves who you are belongs in ${tokenVariable}`);
  }
  return url;
}

async function tokenIn(own: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = own[tokenFileVariable];
  if (own[tokenVariable] || !file) return own[tokenVariable]?.trim();
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`${tokenFileVariable} names ${file}, which cannot be read`, { cause });
  });
  return text.trim();
}

const asGitHub = ({ state, description }: CommitStatus) => ({ state, description, context });

/** GitLab has one word for what went wrong, and calls the context a name. */
const asGitLab = ({ state, description }: CommitStatus) => ({
  state: state === "failure" || state === "error" ? "failed" : state,
  description,
  name: context,
});

/**
 * The code host that the environment's variables name; undefined where they name none.
 * @throws UsageError when they make no sense
 */
export async function statusHost(own: NodeJS.ProcessEnv = process.env): Promise<StatusHost | undefined> {
  const template = own[urlVariable];
  if (!template) return undefined;
  const url = assertFit(template);
  const token = await tokenIn(own);
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UsageError(
      `What ${tokenVariable} or ${tokenFileVariable} gives is no token: it is empty, or not one word`,
    );
  }
  return {
    name: url.host,
    addressOf: (commit) => new URL(template.replaceAll("{sha}", commit)),
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      "user-agent": context,
      // GitLab and Forgejo take it like this, too.
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: /\/api\/v4\/projects\//.test(url.pathname) ? asGitLab : asGitHub,
  };
}
