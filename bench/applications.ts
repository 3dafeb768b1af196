// `node setup/start.mjs bench/applications.ts [applications [services [times]]]`: what it costs to preview and to promote one application that is
// alone in its environments, and one of ten.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { environments } from "../settings/environment.ts";
import { ensure } from "../setup/ensure.ts";
import { Clone } from "../tests/support/clone.ts";
import { median, seconds, story, succeeded } from "./measured.ts";

const [applications = 10, services = 10, times = 3] = process.argv.slice(2).map(Number);
const limit = 1.3;

const nameOf = (number: number): string => `bench-${number}`;
const folderOf = (number: number): string => join("apps", nameOf(number));

const dockerfile = `FROM debian:bookworm-slim
COPY greeting /greeting
CMD ["bash", "-c", "trap 'exit 0' TERM; sleep infinity & wait"]
`;

const suite = `import { expect, test } from "vitest";
test("it runs", () => expect(process.env.SLIPWAY_FACTS).toBeTruthy());
`;

const descriptionOf = (name: string) => ({
  name,
  unitTests: { run: ["true"] },
  images: { app: { image: "bench/app" } },
  stackFile: "compose.yaml",
  suites: { functional: "suites/functional", readiness: "suites/readiness" },
});

const service = { image: "bench/app", networks: ["net"], deploy: { update_config: { order: "start-first" } } };
const stack = {
  version: "3.8",
  services: Object.fromEntries(Array.from({ length: services }, (_, index) => [`s${index + 1}`, service])),
  networks: { net: { driver: "overlay" } },
};

/** Writes an application of so many services; JSON is YAML, too. */
async function write(clone: Clone, number: number): Promise<void> {
  const folder = folderOf(number);
  for (const one of ["functional", "readiness"]) {
    await mkdir(join(clone.root, folder, "suites", one), { recursive: true });
    await clone.write(join(folder, "suites", one, "runs.test.ts"), suite);
  }
  await clone.write(join(folder, "delivery.yaml"), JSON.stringify(descriptionOf(nameOf(number))));
  await clone.write(join(folder, "compose.yaml"), JSON.stringify(stack));
  await clone.write(join(folder, "Dockerfile"), dockerfile);
  await clone.write(join(folder, "greeting"), "0\n");
}

const from = (number: number): string[] => ["--source", folderOf(number)];

const deliver = (clone: Clone, number: number): Promise<string> =>
  succeeded(clone.promote(...from(number), "--continuous"));

/** What it costs to preview the first application in production, and to promote a commit that changes it, in seconds. */
async function costs(clone: Clone, round: string): Promise<{ preview: number; promote: number }> {
  const previews: number[] = [];
  const promotions: number[] = [];
  for (let time = 1; time <= times; time++) {
    previews.push(await seconds(() => succeeded(clone.promote("preview", "production", ...from(1)))));
    await clone.write(join(folderOf(1), "greeting"), `${round} ${time}\n`);
    await clone.commit(`Greet ${round} ${time}`);
    promotions.push(await seconds(() => deliver(clone, 1)));
    story(`${round}: preview ${previews.at(-1)?.toFixed(1)} s, promotion ${promotions.at(-1)?.toFixed(1)} s`);
  }
  return { preview: median(previews), promote: median(promotions) };
}

await ensure(story);
const clone = await Clone.make("applications");
try {
  for (const environment of environments) await clone.set(environment, "monitor", 1);
  for (let number = 1; number <= applications; number++) await write(clone, number);
  await clone.commit("Add applications");
  story(`Delivering the first of ${applications} applications …`);
  await deliver(clone, 1);
  const alone = await costs(clone, "alone");
  for (let number = 2; number <= applications; number++) {
    story(`Delivering the ${number}. of ${applications} …`);
    await deliver(clone, number);
  }
  const among = await costs(clone, `of ${applications}`);
  for (const what of ["preview", "promote"] as const) {
    const ratio = among[what] / alone[what];
    process.stdout.write(
      `${what} one of ${applications} applications of ${services} services, median of ${times}: ${among[what].toFixed(1)} s, ` +
        `alone ${alone[what].toFixed(1)} s: ${ratio.toFixed(2)} times (at most ${limit})\n`,
    );
    if (ratio > limit) process.exitCode = 1;
  }
} finally {
  await clone.remove();
}
