import { beforeEach, expect, test, vi } from "vitest";

import { Previews } from "../../../dashboard/previews.ts";
import { Topics } from "../../../dashboard/topics.ts";
import type { EnvironmentDiff } from "../../../pipeline/diff.ts";
import type { EnvironmentStatus } from "../../../pipeline/status.ts";
import type { Release } from "../../../settings/release.ts";

const asked = vi.hoisted(() => ({ answers: [] as ((diff: unknown) => void)[] }));
vi.mock("../../../dashboard/apart.ts", () => ({
  previewApart: () => new Promise((resolve) => asked.answers.push(resolve)),
}));

const release: Release = { application: "demo", version: "1.0.0", commit: "a".repeat(40), images: {} };
const topic = `preview/production/${release.commit}` as const;

const diffOf = (what: string): EnvironmentDiff => ({
  environment: "production",
  exists: true,
  from: undefined,
  to: release,
  changes: [{ kind: "update", what, details: [] }],
  irreversible: [],
  notUndone: [],
});

/** Production as it is after so many changes. */
const status = (commit: string): EnvironmentStatus => ({
  environment: "production",
  state: "healthy",
  release: { ...release, commit },
  services: [],
  addresses: [],
  reasons: [],
});

let topics: Topics;
let previews: Previews;
beforeEach(() => {
  asked.answers = [];
  topics = new Topics();
  previews = new Previews(topics, new AbortController().signal);
});

/** Answers who asked what would change. */
async function answer(what: string): Promise<void> {
  const told = new Promise<void>((resolve) => {
    const end = topics.listen([topic], () => {
      end();
      resolve();
    });
  });
  asked.answers.shift()?.(diffOf(what));
  await told;
}

const known = () => {
  const preview = previews.of("production", release);
  return preview.state === "known" ? preview.diff.changes[0]?.what : preview.state;
};

test("what would change is worked out once for all who ask, and told", async () => {
  expect([known(), known()]).toEqual(["working", "working"]);
  expect(asked.answers).toHaveLength(1);
  await answer("service a");
  expect(known()).toBe("service a");
});

test("once the environment is another, nobody is shown what would have changed before", async () => {
  known();
  await answer("service a");
  previews.see(status("1"));
  expect(known()).toBe("service a");
  const end = topics.listen([topic], () => {});
  previews.see(status("2"));
  expect(known()).toBe("working");
  await answer("service b");
  expect(known()).toBe("service b");
  previews.see(status("2"));
  expect(known()).toBe("service b");
  end();
  // Nobody has it before them: it is worked out when somebody comes.
  previews.see(status("3"));
  expect(asked.answers).toHaveLength(0);
  expect(known()).toBe("working");
});
