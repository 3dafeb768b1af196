import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { executablePath, launchBrowser } from "../../support/browser.ts";
import type { Clone } from "../../support/clone.ts";
import { Dashboard, password } from "../../support/dashboard.ts";
import { longTest } from "../../support/long.ts";
import { hello } from "../../support/production.ts";

const patience = 180_000;

const inBrowser = test.skipIf(!executablePath);

/** What takes another delivery. */
const longInBrowser: typeof longTest = (title, action) => executablePath && longTest(title, action);
let clone: Clone;
let site: Dashboard;
let browser: Browser;
let commit = "";

/** Opens a page as somebody. */
async function open(name: string, path: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(patience);
  await page.goto(`${site.address}/login?to=${encodeURIComponent(path)}`);
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector('.connection[data-state="live"]');
  // A page that is loaded again forgets this.
  await page.evaluate("globalThis.stillOpen = true");
  return page;
}

const deployed = (id: string): Promise<void> =>
  vi.waitFor(async () => expect(await hello(clone, "production")).toMatchObject({ commit: id }), {
    timeout: patience,
    interval: 500,
  });

function delivered(): void {
  longInBrowser(
    "a commit is delivered with a button, and its way is seen while it goes on, until it waits",
    async () => {
      await clone.edit("demo/src/routes.ts", "from the demo", "from the demo, by a button");
      commit = await clone.commit("Greet by a <b>button</b>");
      const page = await open("Ann", `/releases/${commit}`);
      await page.click('button:text-is("Deliver")');
      await page.waitForSelector('#steps .badge:text-is("running")');
      await page.evaluate("globalThis.stillOpen = true");
      await page.waitForSelector("#live-log");
      await page.waitForSelector("text=Review for production");
      expect(await page.evaluate("stillOpen")).toBe(true);
      expect(await page.textContent("h1")).toBe("Greet by a <b>button</b>");
      expect(await page.locator("#steps .badge.good").count()).toBe(7);
      expect(await page.locator("#evidence .badge.good").count()).toBe(6);
      expect(await page.locator("#steps svg.chart").count()).toBeGreaterThan(0);
      await page.context().close();
    },
  );
}

function takenBack(): void {
  longInBrowser("production is taken back with a button, after a look at what would change", async () => {
    const ann = await open("Ann", "/environments/production");
    const bob = await open("Bob", `/releases/${commit}/approve`);
    await bob.waitForSelector("#approve:enabled");
    const shown = await bob.getAttribute("#decision", "data-diff");
    await ann.click("text=Go back to this");
    await ann.waitForSelector("#go-back:enabled");
    expect(await ann.textContent("#diff")).toContain("service production_app");
    const target = new URL(ann.url()).pathname.split("/").at(-1) ?? "";
    await ann.click("#go-back");
    await ann.waitForSelector("text=being taken back to");
    await deployed(target);
    await ann.waitForSelector('#history .badge:text-is("went back")');
    // What somebody else was about to approve would change another thing now.
    await bob.waitForSelector("#decision [data-notice]:not([hidden])");
    expect(await bob.isEnabled("#approve")).not.toBe(true);
    expect(await bob.getAttribute("#decision", "data-diff")).toBe(shown);
    for (const page of [ann, bob]) await page.context().close();
  });
}

function approved(): void {
  longInBrowser("of two people who have the button before them, one presses it, and both see it land", async () => {
    const path = `/releases/${commit}/approve`;
    const [ann, bob] = [await open("Ann", path), await open("Bob", path)];
    for (const page of [ann, bob]) await page.waitForSelector("#approve:enabled");
    await bob.click("#approve");
    await bob.waitForURL(({ pathname }) => pathname !== path);
    expect(new URL(bob.url()).pathname, (await bob.textContent("main")) ?? "").toBe(`/releases/${commit}`);
    await bob.waitForSelector('#head .badge:text-is("in production")');
    await deployed(commit);
    await ann.waitForSelector("#decision [data-notice]:not([hidden])");
    expect(await ann.isEnabled("#approve")).toBe(false);
    expect(await bob.textContent("#evidence")).toContain("approved by Bob");
    for (const page of [ann, bob]) await page.context().close();
  });
}

function restarted(): void {
  inBrowser(
    "a page whose server was started again says so, and is there again once somebody has logged in",
    async () => {
      const page = await open("Bob", "/history?days=7");
      await page.waitForSelector("#run-list .badge");
      await site.stop();
      await page.waitForSelector('.connection[data-state="lost"]');
      await site.start();
      await page.waitForURL(`${site.address}/login?to=*`);
      await page.fill("#name", "Bob");
      await page.fill("#password", password);
      await page.keyboard.press("Enter");
      await page.waitForURL(`${site.address}/history?days=7`);
      await page.context().close();
    },
  );
}

function rejected(): void {
  longInBrowser("a release that somebody rejects on the page never comes to production", async () => {
    await clone.edit("demo/src/routes.ts", "by a button", "by nobody");
    const rejected = await clone.commit("Greet by nobody");
    const page = await open("Ann", `/releases/${rejected}`);
    await page.click('button:text-is("Deliver")');
    await page.click("text=Review for production");
    await page.fill("#reason", "nobody greets");
    await page.click("#reject");
    await page.waitForSelector('#head .badge:text-is("rejected")');
    expect(await page.textContent("#head")).toContain("Ann: nobody greets");
    const again = await clone.promote("deliver", "--continuous", "--", rejected);
    expect(again.exitCode, again.stderr).toBe(4);
    await deployed(commit);
    await page.context().close();
    await clone.git("reset", "--hard", "--quiet", "HEAD~1");
  });
}

function audited(): void {
  longInBrowser("what was done is told with who did it, and no secret", () => {
    const deeds = site.told.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    expect(deeds).toContainEqual(expect.objectContaining({ who: "Ann", did: "deliver", on: commit, outcome: "done" }));
    expect(deeds).toContainEqual(expect.objectContaining({ who: "Bob", did: "approve", on: commit, outcome: "done" }));
    const back = expect.objectContaining({
      who: "Ann",
      did: "roll back",
      on: expect.stringContaining("production to "),
    });
    expect(deeds).toContainEqual(back);
    expect(site.told).not.toContain(password);
  });
}

/** What people see and do on the web page, in a real browser, while a real pipeline works. */
export function dashboard(of: () => Clone): void {
  beforeAll(async () => {
    if (!executablePath) return;
    clone = of();
    commit = (await hello(clone, "production")).commit ?? "";
    site = new Dashboard(clone);
    await site.addUser("Ann", "operate");
    await site.addUser("Bob", "approve");
    await site.start();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  delivered();
  takenBack();
  approved();
  restarted();
  rejected();
  audited();
}
