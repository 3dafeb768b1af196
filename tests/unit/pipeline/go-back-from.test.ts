import { expect, test, vi } from "vitest";

import { goBackFrom } from "../../../pipeline/go-back.ts";
import { Leasing } from "../../../pipeline/leasing.ts";

const irreversible = vi.hoisted(() => vi.fn(async () => ["migrations/2.sql"]));
vi.mock("../../../pipeline/irreversible.ts", () => ({ irreversible }));

const release = (digit: string) => ({ application: "demo", version: "1.0.0", commit: digit.repeat(40), images: {} });

test("nothing is gone back to over a migration that is declared irreversible, and nothing is changed", async () => {
  const progress = vi.fn();
  const platform = vi.fn();
  const signal = new AbortController().signal;
  const ended = await goBackFrom(release("b"), "production", release("a"), {
    ...{ signal, progress, platform, losses: [] },
    leasing: new Leasing("test", signal, progress),
  });
  expect(irreversible).toHaveBeenCalledWith(release("a"), release("b"), signal);
  expect(ended).toMatchObject({ outcome: "refused", release: release("a") });
  expect(ended.reason).toContain("migrations/2.sql");
  expect(progress).not.toHaveBeenCalled();
});
