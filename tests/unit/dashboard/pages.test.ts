import { expect, test } from "vitest";

import { approvePage } from "../../../dashboard/pages/approve.ts";
import { environmentPage } from "../../../dashboard/pages/environment.ts";
import { historyPage } from "../../../dashboard/pages/history.ts";
import { nowPage } from "../../../dashboard/pages/now.ts";
import { releasePage } from "../../../dashboard/pages/release.ts";
import { rollbackPage } from "../../../dashboard/pages/rollback.ts";
import {
  approve,
  commit,
  environment,
  evil,
  history,
  overview,
  release,
  rollback,
  session,
  shownEvil,
} from "./some-views.ts";

const pages = {
  now: () => nowPage(session("operate"), overview),
  release: () => releasePage(session("operate"), release),
  environment: () => environmentPage(session("view"), environment),
  history: () => historyPage(session("view"), history),
  rollback: () => rollbackPage(session("operate"), { ...rollback, closed: evil }),
  approve: () => approvePage(session("approve"), { ...approve, bar: evil, held: evil }),
  running: () => releasePage(session("view"), { ...release, cells: [{ number: 1, name: evil, outcome: "running" }] }),
  closed: () => approvePage(session("approve"), { ...approve, closed: evil }),
};

test.each(Object.entries(pages))(
  "the page %s shows whatever others wrote as text, and nothing of it acts",
  async (_name, page) => {
    const text = String(await page());
    expect(text).toContain(shownEvil);
    expect(text).not.toContain("<script>");
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(text).not.toContain("the-hash");
    // Only the dashboard's own files, and nothing inline, as its policy demands.
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
  },
);

test("each part that changes by itself has a name by which it is found again", async () => {
  for (const page of Object.values(pages)) {
    const text = String(await page());
    const live = text.match(/<[^>]*\sdata-live[^>]*>/g) ?? [];
    expect(live.length).toBeGreaterThan(0);
    for (const tag of live) expect(tag).toMatch(/\sid="/);
    const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("who may only look is offered nothing to press", async () => {
  expect(String(await nowPage(session("view"), overview))).not.toContain("/deliver");
  expect(String(await approvePage(session("view"), approve))).not.toContain("/decision");
  expect(String(await nowPage(session("operate"), overview))).toContain(`action="/releases/${commit.commit}/deliver"`);
});

test.each([
  ["it may be approved", {}, false],
  ["an approval would not count", { bar: "Ann wrote the commit" }, true],
  ["it was rejected", { closed: "Bob rejected it" }, true],
  ["what would change is not known", { preview: { state: "working" as const } }, true],
  ["Pulumi cannot tell", { preview: { state: "failed" as const, why: "no engine" } }, true],
])("the button is there to press only where it does something: %s", async (_why, more, off) => {
  const text = String(await approvePage(session("approve"), { ...approve, ...more }));
  const button = /<button id="approve"[^>]*>/.exec(text)?.[0] ?? "";
  expect(/\sdisabled/.test(button)).toBe(off);
});

test("what can lose something comes with a warning, and the form says what was read", async () => {
  const text = String(await pages.approve());
  expect(text).toContain("Irreversible:");
  expect(text).toContain("Not undone:");
  expect(text).toContain(`name="diff" value="${"f".repeat(64)}"`);
  expect(text).toContain("2 commit(s) that this release does not have");
});

test("an approval is told as the word of who decided", async () => {
  expect(String(await pages.release())).toContain("approved by Cem");
});

test("who may operate can have an environment go back to what held there, and nobody else is offered it", async () => {
  const held = environment.history.map(({ run }) => run?.commit);
  const link = `href="/environments/production/rollback/${held[1]}"`;
  expect(String(await environmentPage(session("operate"), environment))).toContain(link);
  expect(String(await environmentPage(session("approve"), environment))).not.toContain("/rollback/");
  const { status } = environment;
  const running = { ...environment, status: { ...status, release: { commit: held[1] ?? "" } } };
  expect(String(await environmentPage(session("operate"), running))).not.toContain("/rollback/");
  expect(String(await rollbackPage(session("approve"), rollback))).not.toContain("<button id=");
  const page = String(await rollbackPage(session("operate"), rollback));
  expect(page).toContain(`name="diff" value="${"f".repeat(64)}"`);
  expect(/<button id="go-back"[^>]*>/.exec(page)?.[0]).not.toMatch(/\sdisabled/);
});

test("a step that runs shows what it prints, and one that was probed what became of the requests over time", async () => {
  expect(String(await pages.running())).toMatch(/<pre id="live-log"[^>]*>&quot;&gt;/);
  const text = String(await pages.release());
  expect(text).not.toContain("live-log");
  expect(text).toContain("2 of 10 failed, p50 4.0 ms, p99 20 ms");
  expect(text.match(/<path class="mark"/g)).toHaveLength(2);
});
