import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const found = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);

/** Where this machine has a Chromium; undefined where it has none. */
export const executablePath = process.env.CHROMIUM ?? found;

if (!executablePath) process.stderr.write("Not run: the pages in a browser, since no Chromium is on this machine\n");

/** Chromium's own sandbox does not run as root, and only our own pages are opened. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ["--no-sandbox"] });
