import type Docker from "dockerode";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";

import { machineEngine } from "../../pipeline/machine-engine.ts";
import { connect } from "../../swarm/engine.ts";
import { executablePath, launchBrowser } from "../support/browser.ts";
import { Clone } from "../support/clone.ts";
import { Dashboard, password } from "../support/dashboard.ts";
import { leaveOut, long } from "../support/long.ts";

const patience = 600_000;

let engine: Docker;
/** Whether this machine's engine was made a Swarm for the test. */
let isMade = false;
let clone: Clone;
let browser: Browser;
let address = "";
let commit = "";
let service = "";

async function tasksOf(name: string): Promise<{ id: string; state: string }[]> {
  const found = await engine.listTasks({ filters: { service: [name] } });
  return found.map(({ ID, Status }: { ID: string; Status: { State: string } }) => ({ id: ID, state: Status.State }));
}

const jobs = async (): Promise<string[]> =>
  (await engine.listServices({ filters: { label: [`slipway.job-of=${service}`] } })).map(
    ({ Spec }) => Spec?.Name ?? "",
  );

const answers = (): Promise<void> =>
  vi.waitFor(async () => expect((await fetch(`${address}/login`)).status).toBe(200), {
    timeout: 120_000,
    interval: 500,
  });

async function open(path: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(patience);
  await page.goto(`${address}/login?to=${encodeURIComponent(path)}`);
  await page.fill("#name", "Ann");
  await page.fill("#password", password);
  await page.keyboard.press("Enter");
  await page.waitForSelector('.connection[data-state="live"]');
  return page;
}

/** The dashboard as a service of a Swarm, which this machine's engine is made for as long. */
function served(): void {
  beforeAll(async () => {
    engine = connect(machineEngine());
    const info = await engine.info();
    if (info.Swarm?.LocalNodeState === "inactive") {
      await engine.swarmInit({ AdvertiseAddr: "127.0.0.1", ListenAddr: "127.0.0.1:23770", ForceNewCluster: false });
      isMade = true;
    }
    const { Name, Swarm } = await engine.info();
    expect(Swarm.ControlAvailable, "this machine's engine has to be a manager of the Swarm that it is in").toBe(true);
    clone = await Clone.make("dashboard-service");
    const port = Number(await clone.get("delivery", "registryPort")) + 10;
    address = `http://127.0.0.1:${port}`;
    await clone.set("delivery", "dashboard", { swarm: machineEngine(), node: Name, folder: clone.root, port });
    await clone.set("prodlike", "probe", 200);
    commit = await clone.commit("Serve the dashboard");
    service = `slipway-${await clone.instance()}_dashboard`;
    await new Dashboard(clone).addUser("Ann", "operate");
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    try {
      await clone?.remove();
    } finally {
      if (isMade) await engine.swarmLeave({ force: true });
    }
  });

  test("an update of the delivery stack brings it up, and a delivery leaves it alone", async () => {
    const up = await clone.pulumi("up", "-s", "delivery", "--yes", "--skip-preview", "--non-interactive");
    expect(up.exitCode, up.stdout + up.stderr).toBe(0);
    await answers();
    const again = await clone.pulumi("preview", "-s", "delivery", "--expect-no-changes", "--non-interactive");
    expect(again.exitCode, again.stdout + again.stderr).toBe(0);
  });

  test("what it starts goes on without it, and is seen again once it is back", async () => {
    const page = await open(`/releases/${commit}`);
    const [first] = await tasksOf(service);
    await page.click('button:text-is("Deliver")');
    await page.waitForSelector('#steps .badge:text-is("running")');
    const [job] = await jobs();
    expect(job).toBeDefined();
    await engine.getContainer(await containerOf(first?.id ?? "")).kill();
    await page.waitForSelector('.connection[data-state="lost"]');
    await answers();
    expect((await tasksOf(job ?? "")).map(({ state }) => state)).toEqual(["running"]);
    const back = await open(`/releases/${commit}`);
    await back.waitForSelector('#steps .badge:text-is("running")');
    await back.waitForSelector("text=Review for production");
    expect(await back.locator("#evidence .badge.good").count()).toBe(6);
    const evidence = await clone.promote("evidence", commit);
    expect(evidence.stdout).toMatch(/readiness\/prodlike/);
    const { exitCode } = await clone.promote("status");
    expect(exitCode).toBe(0);
    // The delivery updated the stack that it is of, and left it as it was.
    expect((await tasksOf(service)).filter(({ state }) => state === "running")).toHaveLength(1);
  });

  test("it is removed with the settings that asked for it", async () => {
    await clone.set("delivery", "dashboard", undefined);
    const up = await clone.pulumi("up", "-s", "delivery", "--yes", "--skip-preview", "--non-interactive");
    expect(up.exitCode, up.stdout + up.stderr).toBe(0);
    expect(await engine.listServices({ filters: { name: [service] } })).toEqual(
      await engine.listServices({ filters: { label: [`slipway.job-of=${service}`] } }),
    );
  });
}

async function containerOf(task: string): Promise<string> {
  const { Status } = (await engine.getTask(task).inspect()) as {
    Status: { ContainerStatus?: { ContainerID?: string } };
  };
  return Status.ContainerStatus?.ContainerID ?? "";
}

if (!long) leaveOut("the dashboard as a service of a Swarm");
else if (!executablePath) test.skip("the dashboard as a service of a Swarm: there is no Chromium here", () => {});
else describe("the dashboard as a service of a Swarm", served);
