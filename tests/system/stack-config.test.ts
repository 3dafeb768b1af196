import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";

import { loadStack } from "../../infra/stack-file/load.ts";
import type { Stack } from "../../infra/stack-file/model.ts";

const variables = { HOME: "/home/ann", SHOP_TEST_IMAGE: "app:1", SHOP_TEST_BARE: "bare" };

/** Without what says nothing: `docker stack config` leaves it out. */
const said = (stack: Stack): unknown =>
  JSON.parse(
    JSON.stringify(stack, (key, value) =>
      value === false || (key === "published" && value === 0) ? undefined : value,
    ),
  );

/** What `docker stack config` prints of files, read in turn: it says in the long form what they say in any. */
async function byDocker(files: string[]): Promise<Stack> {
  const args = ["stack", "config", ...files.flatMap((file) => ["--compose-file", file])];
  const { stdout } = await execa("docker", args, { env: variables });
  const folder = await mkdtemp(join(tmpdir(), "slipway-stack-config-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "config.yaml");
  // What files of variables hold is among the environment already, and dollar signs are no references any more.
  const text = stdout.replaceAll("$", "$$$$").replaceAll(/^ {4}env_file:\n(?: {6}- .*\n)+/gm, "");
  await writeFile(file, text);
  return loadStack([file], { variables: {} }).stack;
}

test.each([
  ["short and long forms", ["forms.yaml"]],
  ["two files", ["merged-1.yaml", "merged-2.yaml"]],
  ["many keys", ["compose.yaml"]],
  ["many keys over which others are merged", ["compose.yaml", "compose.override.yaml"]],
])("%s mean what they mean to docker stack deploy", async (_what, names) => {
  const files = names.map((name) => join(import.meta.dirname, "stack-file", name));
  expect(said(loadStack(files, { variables }).stack)).toEqual(said(await byDocker(files)));
});
