import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";

import { hashOf } from "../../../dashboard/access/password.ts";
import type { User } from "../../../dashboard/access/users.ts";
import { createApp } from "../../../dashboard/app.ts";
import { addEvents } from "../../../dashboard/events.ts";
import type { Overview } from "../../../dashboard/overview.ts";
import { type ApproveView, approvePage } from "../../../dashboard/pages/approve.ts";
import { environmentPage } from "../../../dashboard/pages/environment.ts";
import { historyPage } from "../../../dashboard/pages/history.ts";
import { nowPage } from "../../../dashboard/pages/now.ts";
import { releasePage } from "../../../dashboard/pages/release.ts";
import { rollbackPage } from "../../../dashboard/pages/rollback.ts";
import { serve } from "../../../dashboard/serve.ts";
import { Topics } from "../../../dashboard/topics.ts";
import { executablePath, launchBrowser } from "../../support/browser.ts";
import { password } from "./a-dashboard.ts";
import { approve, diff, environment, history, overview, release, rollback } from "./some-views.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** How long a page may take for one thing, and a test for all of them. */
const patience = 20_000;
const longest = 60_000;

let browser: Browser;
const users: User[] = [{ name: "Ann", role: "operate", emails: [], password: "" }];

beforeAll(async () => {
  for (const user of users) user.password = await hashOf(password);
  if (executablePath) browser = await launchBrowser();
}, longest);

afterAll(() => browser?.close());

/** The pages on a port of their own, of what the test says that there is. */
class Site {
  overview: Overview = overview;
  approve: ApproveView = approve;
  topics = new Topics();
  address = "";
  #stop = new AbortController();
  #ended = Promise.resolve();

  async start(port = 0): Promise<void> {
    this.#stop = new AbortController();
    const options = { users: () => Promise.resolve(users), secure: false, proxied: false, audit: () => {} };
    const app = createApp(options, (pages) => {
      pages.get("/", (context) => context.html(nowPage(context.get("session"), this.overview)));
      pages.get("/release", (context) => context.html(releasePage(context.get("session"), release)));
      pages.get("/history", (context) => context.html(historyPage(context.get("session"), history)));
      pages.get("/rollback", (context) => context.html(rollbackPage(context.get("session"), rollback)));
      pages.get("/environment", (context) => context.html(environmentPage(context.get("session"), environment)));
      pages.get("/approve", (context) => context.html(approvePage(context.get("session"), this.approve)));
      addEvents(pages, this.topics);
    });
    this.address = await new Promise<string>((resolve, reject) => {
      const listen = { host: "127.0.0.1", port, behindProxy: false };
      this.#ended = serve(app, listen, this.#stop.signal, resolve);
      this.#ended.catch(reject);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

async function site(): Promise<Site> {
  const one = new Site();
  await one.start();
  onTestFinished(() => one.stop());
  return one;
}

/** Opens a page as somebody does who has only a keyboard: by typing, and Enter. */
async function open({ address }: Site, path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const acted: string[] = [];
  page.on("dialog", (dialog) => acted.push(dialog.message()));
  page.on("pageerror", (error) => acted.push(error.message));
  onTestFinished(() => expect(acted).toEqual([]));
  await page.goto(`${address}/login?to=${encodeURIComponent(path)}`);
  // The page puts it there once it is painted, which is later than loaded.
  await page.waitForSelector("input[name=name]:focus", { timeout: patience });
  await page.keyboard.type("Ann");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForSelector('.connection[data-state="live"]', { timeout: patience });
  return page;
}

/** What axe finds, asked for over the debugging protocol, which the page's policy does not bind. */
async function violations(page: Page): Promise<unknown> {
  const client = await page.context().newCDPSession(page);
  await client.send("Runtime.evaluate", { expression: axe });
  const told =
    "axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])))";
  const { result } = await client.send("Runtime.evaluate", { expression: told, awaitPromise: true });
  return JSON.parse(result.value as string);
}

const inBrowser = test.skipIf(!executablePath);

inBrowser.each([
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["a phone's width", { colorScheme: "light", viewport: { width: 390, height: 844 } }],
] as const)(
  "axe finds nothing on any page in %s, and nothing is wider than the screen",
  async (_how, options) => {
    const pages = await site();
    const page = await open(pages, "/", options);
    for (const path of [
      "/",
      "/release",
      "/environment",
      "/history",
      "/rollback",
      "/approve",
      "/no-such-page",
      "/login",
    ]) {
      await page.goto(`${pages.address}${path}`);
      expect([path, await violations(page)]).toEqual([path, []]);
      const width = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]");
      const [content = 0, screen = 0] = width as number[];
      expect([path, content <= screen]).toEqual([path, true]);
    }
  },
  longest,
);

inBrowser(
  "a change is on screen once it is told, in the page that is open",
  async () => {
    const pages = await site();
    const page = await open(pages, "/");
    const [lane] = overview.lanes;
    pages.overview = { ...overview, lanes: lane ? [{ ...lane, status: { ...lane.status, state: "healthy" } }] : [] };
    await page.evaluate("globalThis.stillOpen = true");
    pages.topics.tell("environments");
    await page.waitForSelector(".lane.good", { timeout: patience });
    expect(await page.evaluate("stillOpen")).toBe(true);
  },
  longest,
);

inBrowser(
  "when another thing would change than what somebody reads, they cannot press the button, and are told",
  async () => {
    const pages = await site();
    const page = await open(pages, "/approve");
    expect(await page.isEnabled("#approve")).toBe(true);
    await page.fill("#reason", "half a sentence");
    pages.approve = { ...approve, standing: { ...approve.standing, void: [] }, held: "a freeze" };
    pages.topics.tell(`preview/production/${approve.commit.commit}`);
    await page.waitForSelector("text=a freeze", { timeout: patience });
    expect(await page.inputValue("#reason")).toBe("half a sentence");
    const other = { state: "known" as const, diff: { ...diff, changes: [] }, hash: "e".repeat(64), at: new Date() };
    pages.approve = { ...approve, preview: other };
    pages.topics.tell(`preview/production/${approve.commit.commit}`);
    await page.waitForSelector("#decision [data-notice]:not([hidden])", { timeout: patience });
    expect(await page.textContent("#decision")).toContain("is not what you see here any more");
    expect(await page.isEnabled("#approve")).toBe(false);
    expect(await page.textContent("#diff")).toContain("replace");
    const again = await page.getAttribute("text=Read it again", "href");
    expect(again).toBe(`/releases/${approve.commit.commit}/approve`);
    await page.reload();
    await page.waitForSelector("text=No change.", { timeout: patience });
    expect(await page.isEnabled("#approve")).toBe(true);
  },
  longest,
);

inBrowser(
  "while it is looked at again what would change nobody can press the button, and can when it is what they have read",
  async () => {
    const pages = await site();
    const page = await open(pages, "/approve");
    const topic = `preview/production/${approve.commit.commit}` as const;
    await page.fill("#reason", "half a sentence");
    pages.approve = { ...approve, preview: { state: "working" } };
    pages.topics.tell(topic);
    await page.waitForSelector("#decision [data-notice]:not([hidden])", { timeout: patience });
    expect(await page.textContent("#decision")).toContain("being looked at again");
    expect(await page.isEnabled("#approve")).toBe(false);
    expect(await page.textContent("#diff")).toContain("replace");
    pages.approve = approve;
    pages.topics.tell(topic);
    await page.waitForSelector("#approve:enabled", { timeout: patience });
    expect(await page.isVisible("#decision [data-notice]")).toBe(false);
    expect(await page.inputValue("#reason")).toBe("half a sentence");
  },
  longest,
);

inBrowser(
  "a lost connection is shown, and after a restart somebody logs in again and comes back to the page",
  async () => {
    const pages = await site();
    const page = await open(pages, "/approve");
    const port = Number(new URL(pages.address).port);
    await pages.stop();
    await page.waitForSelector('.connection[data-state="lost"]', { timeout: patience });
    expect(await page.textContent("#connection")).toContain("connection lost");
    await pages.start(port);
    await page.waitForURL(`${pages.address}/login?to=%2Fapprove`, { timeout: patience });
  },
  longest,
);
