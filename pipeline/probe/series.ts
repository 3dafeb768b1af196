import { z } from "zod";

/** Of how many parts a series consists at most: it is kept with the evidence of each release. */
const most = 60;

const figures = z.array(z.number().min(0)).max(most);

/** How a load went over time, in parts of the same length. Latencies are in milliseconds. */
export const loadSeries = z.object({
  /** When the first request was due, in milliseconds since 1970. */
  from: z.number(),
  /** How long each part is, in milliseconds. */
  every: z.number().positive(),
  sent: figures,
  failed: figures,
  p50: figures,
  p99: figures,
});
export type LoadSeries = z.output<typeof loadSeries>;

/** The value below which a share of sorted ones is. */
export const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const tenths = (value: number): number => Math.round(value * 10) / 10;

/**
 * Divides a load into parts of a second each, or of longer ones when it lasted longer than there may be parts.
 * @param latencies of each request, in the order in which they were due
 * @param wrong not 0 for each that was not answered as it should have been
 * @param rate how many were due in a second
 * @param from when the first was due
 */
export function seriesOf(latencies: Float64Array, wrong: Uint8Array, rate: number, from: number): LoadSeries {
  const all = latencies.length;
  const seconds = all / rate;
  const parts = Math.max(1, Math.min(most, Math.ceil(seconds)));
  const series: LoadSeries = {
    from,
    every: Math.max(1, (seconds * 1_000) / parts),
    sent: [],
    failed: [],
    p50: [],
    p99: [],
  };
  for (let part = 0; part < parts; part++) {
    const [begin, end] = [Math.floor((part * all) / parts), Math.floor(((part + 1) * all) / parts)];
    const sorted = latencies.slice(begin, end).sort();
    series.sent.push(end - begin);
    series.failed.push(wrong.subarray(begin, end).reduce((sum, one) => sum + (one === 0 ? 0 : 1), 0));
    series.p50.push(tenths(percentile(sorted, 0.5)));
    series.p99.push(tenths(percentile(sorted, 0.99)));
  }
  return series;
}
