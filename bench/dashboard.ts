// `node setup/start.mjs bench/dashboard.ts`: how soon the dashboard's pages are painted after 1,000 releases, how soon a task's change is
// on screen, and what memory the server takes with 50 open pages.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";

import { createSigningKey } from "../evidence/keys.ts";
import { ensure } from "../setup/ensure.ts";
import { followEngine } from "../swarm/events.ts";
import { BareSwarm } from "../tests/support/bare-swarm.ts";
import { launchBrowser } from "../tests/support/browser.ts";
import { Clone } from "../tests/support/clone.ts";
import { Dashboard, password } from "../tests/support/dashboard.ts";
import { importOutputs, keepAll, releases, startRegistry, writeState } from "./many-runs.ts";
import { median, story } from "./measured.ts";

interface Row {
  what: string;
  measured: number;
  limit: number;
  unit: string;
}

const times = 7;
const openPages = 50;

/** A stack of one service, as an environment has it. */
const stackFile = (image: string): string =>
  JSON.stringify({ version: "3.8", services: { app: { image, deploy: { replicas: 2 } } } });

/** Has production be a Swarm of one node with two tasks. */
async function makeProduction(clone: Clone, swarm: BareSwarm): Promise<void> {
  const file = join(clone.root, ".slipway", "bench-stack.json");
  await writeFile(file, stackFile(swarm.image.digest));
  await swarm.docker("stack", "deploy", "--detach=true", "--compose-file", file, "production");
  const nodes = [{ name: "bare-1", container: "bare-1", engine: swarm.engine }];
  const services = { production_app: 2 };
  const facts = { addresses: [], engine: swarm.engine, nodes, services, files: {}, release: null, previous: null };
  await importOutputs(clone, "production", facts);
}

async function logIn(page: Page, { address }: Dashboard): Promise<void> {
  await page.goto(`${address}/login`);
  await page.fill("#name", "Ann");
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector('.connection[data-state="live"]');
}

/** Waits until something is so in a page, and tells when: as the page's policy lets nothing be evaluated by itself, over the protocol. */
const until = (page: Page, condition: string): Promise<number> =>
  page.evaluate(
    `new Promise((resolve) => { const look = () => (${condition}) ? resolve(Date.now()) : requestAnimationFrame(look); look(); })`,
  );

const paint = "performance.getEntriesByName('first-contentful-paint')";

/** When the browser first painted something of a page, in milliseconds from when it asked for it. */
async function painted(page: Page, address: string): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    await page.goto(address);
    await until(page, `${paint}.length > 0`);
    taken.push(await page.evaluate(`${paint}[0].startTime`));
  }
  return median(taken);
}

const running = "document.querySelectorAll('#services .badge.good').length";

/** How long after the engine told that a task's container has died the page shows another thing, in milliseconds. */
async function seen(page: Page, address: string, swarm: BareSwarm): Promise<number> {
  await page.goto(`${address}/environments/production`);
  await page.waitForSelector('.connection[data-state="live"]');
  const taken: number[] = [];
  const stop = new AbortController();
  let told = 0;
  const note = (type: string): void => {
    if (type === "container" && told === 0) told = Date.now();
  };
  void followEngine(swarm.engine, note, stop.signal);
  for (let time = 0; time < times; time++) {
    await until(page, `${running} === 2`);
    const [id = ""] = await swarm.docker(
      "ps",
      "--quiet",
      "--filter",
      "label=com.docker.swarm.service.name=production_app",
    );
    told = 0;
    await swarm.docker("kill", id);
    const at = await until(page, `${running} < 2`);
    taken.push(at - told);
  }
  stop.abort();
  return median(taken);
}

/** The resident memory of the process that serves, in MiB; those that it starts for a while are none of it. */
function memoryOf(root: string): number {
  const sizes = readdirSync("/proc").flatMap((pid) => {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      const own = line.includes("dashboard") && line.some((one) => one.endsWith("cli/main.ts"));
      if (!/^\d+$/.test(pid) || !own || readlinkSync(`/proc/${pid}/cwd`) !== root) return [];
      const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      return [Number(kilobytes) / 1024];
    } catch {
      return [];
    }
  });
  return Math.max(...sizes);
}

/** Follows a stream as a page does: whenever it is told of a change, it asks for the page again. */
async function followPage({ address }: Dashboard, path: string, cookie: string, signal: AbortSignal): Promise<void> {
  const stream = await fetch(`${address}/events?of=environments,releases,runs,history`, {
    headers: { cookie },
    signal,
  });
  for await (const chunk of stream.body ?? []) {
    if (!/event: (hello|changed)/.test(Buffer.from(chunk).toString())) continue;
    await (await fetch(address + path, { headers: { cookie }, signal })).text();
  }
}

/** Does something while so many pages are open; a browser itself opens six streams to one server and no more. */
async function withOpenPages<Value>(page: Page, site: Dashboard, action: () => Promise<Value>): Promise<Value> {
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const stop = new AbortController();
  const following = Array.from({ length: openPages }, (_, n) =>
    followPage(site, n % 2 === 0 ? "/" : "/environments/production", cookie, stop.signal).catch(() => {}),
  );
  try {
    return await action();
  } finally {
    stop.abort();
    await Promise.all(following);
  }
}

async function measure(clone: Clone, swarm: BareSwarm): Promise<Row[]> {
  const site = new Dashboard(clone);
  await site.addUser("Ann", "operate");
  await site.start();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await logIn(page, site);
    const rows: Row[] = [];
    for (const path of ["/", "/history?days=90"]) {
      const what = `first paint of ${path} after ${releases} releases, median of ${times}`;
      rows.push({ what, measured: await painted(page, site.address + path), limit: 300, unit: "ms" });
    }
    const measured = await seen(page, site.address, swarm);
    rows.push({ what: `a task's death on screen, median of ${times}`, measured, limit: 1_000, unit: "ms" });
    rows.push({ what: "memory with one open page", measured: memoryOf(clone.root), limit: 200, unit: "MiB" });
    const memory = await withOpenPages(page, site, async () => {
      await seen(page, site.address, swarm);
      return memoryOf(clone.root);
    });
    rows.push({ what: `memory with ${openPages} open pages`, measured: memory, limit: 200, unit: "MiB" });
    return rows;
  } finally {
    await browser.close();
    await site.stop();
  }
}

/** Measures what a clone's dashboard shows of a registry and a Swarm that are there for that alone. */
async function measured(host: string): Promise<Row[]> {
  const clone = await Clone.make("dashboard");
  const swarm = await BareSwarm.make();
  try {
    await writeState(clone, host);
    await makeProduction(clone, swarm);
    story(`Keeping ${releases} runs …`);
    await keepAll(host, await createSigningKey(join(clone.root, ".slipway", "keys", "signing.pem")));
    return await measure(clone, swarm);
  } finally {
    await swarm.remove();
    await clone.remove();
  }
}

await ensure(story);
const registry = await startRegistry();
const rows = await measured(registry.host).finally(() => registry.stop());
for (const { what, measured: figure, limit, unit } of rows) {
  process.stdout.write(`${what}: ${Math.round(figure)} ${unit} (at most ${limit})\n`);
}
process.exitCode = rows.some(({ measured: figure, limit }) => figure > limit) ? 1 : 0;
