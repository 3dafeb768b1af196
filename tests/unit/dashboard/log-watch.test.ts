import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

import { LogWatch } from "../../../dashboard/log-watch.ts";
import { Topics } from "../../../dashboard/topics.ts";
import { temporaryFolder } from "../temporary-folder.ts";

test("a log is shown by its last lines, and whoever shows it hears that it grows", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "2-unit-tests.log");
  await writeFile(path, `${"x".repeat(100)}\n`.repeat(1_000));
  const topics = new Topics();
  const logs = new LogWatch(topics, folder);
  let heard = 0;
  const end = topics.listen(["log/a"], () => heard++);
  expect(await logs.end(path, "log/a")).toEqual(Array.from({ length: 40 }, () => "x".repeat(100)));
  await appendFile(path, "\u001b[31m12 of 30\u001b[0m\n\n");
  await vi.waitUntil(() => heard > 0, { timeout: 10_000 });
  expect((await logs.end(path, "log/a")).at(-1)).toBe("12 of 30");
  end();
});

test("nothing but a log is shown, and one that is not there yet is empty", async () => {
  const folder = await temporaryFolder();
  const logs = new LogWatch(new Topics(), folder);
  expect(await logs.end("/etc/hostname", "log/a")).toEqual([]);
  expect(await logs.end(`${folder}/../secret`, "log/a")).toEqual([]);
  expect(await logs.end(join(folder, "1-check-out.log"), "log/a")).toEqual([]);
});
