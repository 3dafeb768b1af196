import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

import { type Build, buildArguments, origin, sourceHash } from "../../../setup/build.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const build = async (more: Partial<Build> = {}): Promise<Build> => ({
  module: "command",
  package: ".",
  ldflags: "",
  output: join(await temporaryFolder(), "program"),
  ...more,
});

test("go builds from go.sum alone and leaves the machine's paths out", () => {
  const args = buildArguments({ module: "pulumi", package: "x/y", ldflags: "-X a=b", output: "" }, "/there/program");
  expect(args).toEqual([
    "build",
    "-mod=readonly",
    "-trimpath",
    "-ldflags",
    "-s -w -X a=b",
    "-o",
    "/there/program",
    "x/y",
  ]);
});

test("the same sources have the same hash, other flags another one", async () => {
  const hash = await sourceHash(await build());
  expect(await sourceHash(await build())).toBe(hash);
  expect(await sourceHash(await build({ ldflags: "-X a=b" }))).not.toBe(hash);
});

test("a program without a mark came from elsewhere", async () => {
  expect(await origin(await build())).toBe("elsewhere");
});

test("a program is current as long as its mark names its sources", async () => {
  const one = await build();
  const mark = join(one.output, "..", ".program.built-from");
  await writeFile(mark, `${await sourceHash(one)}\n`);
  expect(await origin(one)).toBe("current");
  await writeFile(mark, "something else\n");
  expect(await origin(one)).toBe("outdated");
});
