import { Agent, type Dispatcher } from "undici";

import type { ProbeRequest } from "../../settings/delivery.ts";
import { type LoadSeries, percentile, seriesOf } from "./series.ts";

/** What is sent, where to, and how often. */
export interface Load {
  requests: ProbeRequest[];
  /** Where the environment is reached; they take turns. */
  addresses: string[];
  /** Requests per second. */
  rate: number;
}

/** One request that was not answered, or not as it should have been. */
export interface Failure {
  /** When it was sent, in milliseconds since 1970. */
  at: number;
  request: string;
  address: string;
  cause: string;
  /** The overlay address of the task that answered, when one did. */
  servedBy?: string;
}

/** What became of a load. Latencies are in milliseconds, from when a request was due, so waiting to be sent counts. */
export interface LoadResult {
  sent: number;
  failed: number;
  /** The first ones; `failed` counts all. */
  failures: Failure[];
  /** When the first and the last of them were sent, in milliseconds since 1970: as long as users saw errors. */
  failing?: { from: number; to: number };
  latency: { p50: number; p99: number; max: number };
  /** Requests per second that were really sent. */
  rate: number;
  /** How it went over time. */
  series: LoadSeries;
}

/** The header by which the edge tells who served a request that carries it. */
export const probeHeader = "x-slipway-probe";

const tick = 5;
const kept = 200;
/** Every so many-th request has a connection of its own. */
const aloneEvery = 10;
const patience = 20_000;
const bodyLimit = 65_536;

/** The request that comes n-th: as often as its weight says. */
function sequenceOf(requests: readonly ProbeRequest[]): (n: number) => ProbeRequest {
  const sequence = requests.flatMap((request) => Array.from({ length: request.weight }, () => request));
  return (n) => sequence[n % sequence.length] as ProbeRequest;
}

function reasonOf(error: unknown): string {
  const { code, message, cause } = error as { code?: string; message?: string; cause?: { code?: string } };
  return [cause?.code ?? code, message].filter(Boolean).join(": ") || String(error);
}

/** What came back: nothing wrong, or what. */
export interface Answer {
  wrong?: string;
  servedBy?: string;
}

const short = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 120);

/**
 * Sends one request and judges what comes back.
 * @param n takes the place of `{n}` in its path
 * @param alone whether it has a connection of its own
 */
export async function ask(
  agent: Agent,
  address: string,
  request: ProbeRequest,
  { n, alone }: { n: number; alone: boolean },
): Promise<Answer> {
  const path = request.path.replaceAll("{n}", String(n % 100));
  const { method } = request;
  return agent
    .request({ origin: address, method, path, headers: { [probeHeader]: "1" }, reset: alone })
    .then((response) => judged(request, response))
    .catch((error: unknown) => ({ wrong: reasonOf(error) }));
}

async function judged(request: ProbeRequest, response: Dispatcher.ResponseData): Promise<Answer> {
  const text = await response.body.text();
  const by = response.headers[probeHeader];
  const servedBy = typeof by === "string" ? { servedBy: by } : {};
  if (response.statusCode !== request.status)
    return { wrong: `answered ${response.statusCode}: ${short(text)}`, ...servedBy };
  if (request.contains !== undefined && !text.slice(0, bodyLimit).includes(request.contains)) {
    return { wrong: `answered without ${JSON.stringify(request.contains)}: ${short(text)}`, ...servedBy };
  }
  return servedBy;
}

/**
 * Sends requests at a fixed rate, whether or not earlier ones were answered (an open loop), until it is stopped. Every
 * tenth has a connection of its own; the others keep theirs, as browsers and proxies do.
 */
export class LoadGenerator {
  readonly #load: Load;
  readonly #requestAt: (n: number) => ProbeRequest;
  readonly #kept = new Agent({ connections: 64, pipelining: 1, headersTimeout: patience, bodyTimeout: patience });
  readonly #single = new Agent({ connections: null, pipelining: 0, headersTimeout: patience, bodyTimeout: patience });
  readonly #pending = new Set<Promise<void>>();
  readonly #failures: Failure[] = [];
  /** Of each request, in the order in which they were due; 0 until it was answered. */
  #latencies = new Float64Array(1 << 16);
  /** Whether each was not answered as it should have been. */
  #wrong = new Uint8Array(1 << 16);
  #sent = 0;
  #failed = 0;
  #failing: { from: number; to: number } | undefined;
  #started = 0;
  #from = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(load: Load) {
    this.#load = load;
    this.#requestAt = sequenceOf(load.requests);
  }

  start(): void {
    this.#started = performance.now();
    this.#from = Date.now();
    this.#timer = setInterval(() => this.#sendDue(), tick);
  }

  /** Sends no more, waits for what is open, and tells what became of all of it. */
  async stop(): Promise<LoadResult> {
    clearInterval(this.#timer);
    const seconds = (performance.now() - this.#started) / 1_000;
    await Promise.all(this.#pending);
    await Promise.all([this.#kept.close(), this.#single.close()]);
    const all = [this.#latencies.subarray(0, this.#sent), this.#wrong.subarray(0, this.#sent)] as const;
    return {
      ...this.result(),
      rate: this.#sent / seconds,
      series: seriesOf(...all, this.#load.rate, this.#from),
    };
  }

  /** What has become of it so far. */
  result(): Omit<LoadResult, "rate" | "series"> {
    const sorted = this.#latencies
      .subarray(0, this.#sent)
      .filter((latency) => latency > 0)
      .sort();
    return {
      sent: this.#sent,
      failed: this.#failed,
      failures: this.#failures,
      ...(this.#failing ? { failing: this.#failing } : {}),
      latency: { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: percentile(sorted, 1) },
    };
  }

  #sendDue(): void {
    const due = Math.floor(((performance.now() - this.#started) / 1_000) * this.#load.rate);
    while (this.#sent < due) {
      const sending = this.#send(this.#sent++).finally(() => this.#pending.delete(sending));
      this.#pending.add(sending);
    }
  }

  async #send(n: number): Promise<void> {
    const { addresses, rate } = this.#load;
    const due = this.#started + (n / rate) * 1_000;
    const at = Date.now();
    const request = this.#requestAt(n);
    const address = addresses[n % addresses.length] as string;
    const alone = n % aloneEvery === 0;
    const answer = await ask(alone ? this.#single : this.#kept, address, request, { n, alone });
    this.#note(n, performance.now() - due);
    if (answer.wrong === undefined) return;
    this.#wrong[n] = 1;
    this.#failed++;
    this.#failing = { from: Math.min(this.#failing?.from ?? at, at), to: Math.max(this.#failing?.to ?? at, at) };
    if (this.#failures.length >= kept) return;
    const { servedBy } = answer;
    const what = `${request.method} ${request.path}`;
    this.#failures.push({ at, request: what, address, cause: answer.wrong, ...(servedBy ? { servedBy } : {}) });
  }

  #note(n: number, latency: number): void {
    while (n >= this.#latencies.length) {
      const [latencies, wrong] = [this.#latencies, this.#wrong];
      this.#latencies = new Float64Array(latencies.length * 2);
      this.#latencies.set(latencies);
      this.#wrong = new Uint8Array(wrong.length * 2);
      this.#wrong.set(wrong);
    }
    this.#latencies[n] = latency;
  }
}
