import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { statusHost } from "../../../../pipeline/commit-status/host.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const gitHub = "https://api.github.com/repos/o/n/statuses/{sha}";
const commit = "0123456789".repeat(4);
const failure = { state: "failure", description: "no" } as const;

test("where no address is named, nobody is told", async () => {
  expect(await statusHost({})).toBeUndefined();
});

test.each([
  ["GitHub", gitHub, { state: "failure", description: "no", context: "slipway" }],
  [
    "Gitea and Forgejo",
    "https://git.example.org/api/v1/repos/o/n/statuses/{sha}",
    { state: "failure", description: "no", context: "slipway" },
  ],
  [
    "GitLab",
    "https://gitlab.example.org/api/v4/projects/7/statuses/{sha}",
    { state: "failed", description: "no", name: "slipway" },
  ],
])("%s is told in its own words", async (_, url, body) => {
  const host = await statusHost({ SLIPWAY_STATUS_URL: url, SLIPWAY_STATUS_TOKEN: "t\n" });
  expect(host?.body(failure)).toEqual(body);
  expect(host?.addressOf(commit).href).toBe(url.replace("{sha}", commit));
  expect(host?.headers.authorization).toBe("Bearer t");
});

test("a token comes from a file, too, and the variable comes first", async () => {
  const file = join(await temporaryFolder(), "token");
  await writeFile(file, "from-file\n");
  const own = { SLIPWAY_STATUS_URL: gitHub, SLIPWAY_STATUS_TOKEN_FILE: file };
  expect((await statusHost(own))?.headers.authorization).toBe("Bearer from-file");
  expect((await statusHost({ ...own, SLIPWAY_STATUS_TOKEN: "t" }))?.headers.authorization).toBe("Bearer t");
});

test.each([
  ["no place for the commit", { SLIPWAY_STATUS_URL: "https://example.org/" }, "has no {sha}"],
  ["no URL", { SLIPWAY_STATUS_URL: "{sha}" }, "is not a URL"],
  ["clear text", { SLIPWAY_STATUS_URL: "http://example.org/{sha}" }, "has to begin with https://"],
  ["another scheme", { SLIPWAY_STATUS_URL: "file:///{sha}" }, "has to begin with https://"],
  ["a password", { SLIPWAY_STATUS_URL: "https://u:hidden@example.org/{sha}" }, "holds a user or a password"],
  ["a token of two lines", { SLIPWAY_STATUS_URL: gitHub, SLIPWAY_STATUS_TOKEN: "hidden\nhidden" }, "is no token"],
  ["a file that is not there", { SLIPWAY_STATUS_URL: gitHub, SLIPWAY_STATUS_TOKEN_FILE: "/nowhere" }, "cannot be read"],
])("%s is refused, and not quoted", async (_, own, message) => {
  const error = await statusHost(own).catch((thrown) => thrown);
  expect(error.message).toContain(message);
  expect(`${error.message} ${error.next}`).not.toContain("hidden");
});

test("what is on this machine may be spoken to in clear text", async () => {
  expect((await statusHost({ SLIPWAY_STATUS_URL: "http://127.0.0.1:1/{sha}" }))?.headers.authorization).toBeUndefined();
});
