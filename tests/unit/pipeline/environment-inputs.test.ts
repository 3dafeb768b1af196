import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseDocument } from "yaml";

import { environmentInputs } from "../../../pipeline/environment-inputs.ts";
import { projectRoot } from "../../../settings/project.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const files = [
  "Pulumi.yaml",
  ...["delivery", "staging", "prodlike", "production"].map((name) => `Pulumi.${name}.yaml`),
];

/** A checkout with the project's settings, but for one of prodlike's. */
async function checkout(key?: string, value?: unknown): Promise<string> {
  const folder = await temporaryFolder();
  for (const file of files) await copyFile(join(projectRoot, file), join(folder, file));
  if (key === undefined) return folder;
  const file = join(folder, "Pulumi.prodlike.yaml");
  const document = parseDocument(await readFile(file, "utf8"));
  document.setIn(["config", `slipway:${key}`], value);
  await writeFile(file, document.toString());
  return folder;
}

test.each<[string, unknown, boolean]>([
  ["p99", 999, true],
  ["probe", 7, true],
  ["approvers", 3, false],
  ["evidenceDays", 5, false],
  ["windows", [{ days: "mon-fri", from: "08:00", to: "16:00" }], false],
])("what was proved under another %s (%j) is proved again: %s", async (key, value, isOther) => {
  const before = await environmentInputs("prodlike", await checkout());
  expect((await environmentInputs("prodlike", await checkout(key, value))) !== before).toBe(isOther);
});

test("each environment has inputs of its own", async () => {
  const folder = await checkout();
  expect(await environmentInputs("prodlike", folder)).not.toBe(await environmentInputs("production", folder));
});
