// `node setup/start.mjs bench/loss.ts [requests per second] [rounds]`: sends requests to production while everything happens to it
// that may, first for an application that stops gracefully, then for one that dies when it is told to stop.
import { startProbe } from "../pipeline/probe/index.ts";
import { readDelivery } from "../settings/delivery.ts";
import { ensure } from "../setup/ensure.ts";
import { Clone } from "../tests/support/clone.ts";
import { disturbances } from "../tests/support/disturbances.ts";
import { delivered, story } from "./measured.ts";

const rate = Number(process.argv[2] ?? 1_000);
const rounds = Number(process.argv[3] ?? 1);
const rows: string[][] = [];
let sent = 0;
let failed = 0;
let troubles = 0;

const ms = (value: number): string => `${value.toFixed(0)} ms`;

async function disturb(clone: Clone, application: string): Promise<void> {
  const { probe } = await readDelivery(`${clone.root}/demo/delivery.yaml`, clone.root);
  const port = Number(await clone.get("production", "port"));
  // The third node is the one that is drained and killed.
  const addresses = [port, port + 1].map((one) => `http://127.0.0.1:${one}`);
  for (const { name, run } of disturbances) {
    const load = startProbe({ requests: probe, addresses, rate });
    const trouble = await run(clone).then(
      () => "",
      (error: Error) => error.message,
    );
    const result = await load.stop();
    sent += result.sent;
    failed += result.failed;
    troubles += trouble === "" ? 0 : 1;
    const { p50, p99, max } = result.latency;
    rows.push([application, name, `${result.failed} of ${result.sent}`, ms(p50), ms(p99), ms(max), trouble]);
    story(rows.at(-1)?.join("  ") ?? "");
    for (const failure of result.failures.slice(0, 5)) story(`    ${JSON.stringify(failure)}`);
  }
}

await ensure(story);
const clone = await Clone.make("loss");
try {
  await delivered(clone);
  for (let round = 0; round < rounds; round++) await disturb(clone, "stops gracefully");
  await clone.edit("demo/src/main.ts", 'stopOn("SIGTERM");', 'process.on("SIGTERM", () => process.exit(1));');
  await clone.commit("Die at SIGTERM");
  await delivered(clone);
  for (let round = 0; round < rounds; round++) await disturb(clone, "dies at SIGTERM");
} finally {
  await clone.remove();
}
process.stdout.write(rows.map((row) => `${row.join("\t")}\n`).join(""));
process.stdout.write(`${failed} of ${sent} requests failed\n`);
process.exitCode = failed + troubles === 0 ? 0 : 1;
