// biome-ignore lint/style/noDefaultExport: what Vitest takes its configuration from
export default {
  test: {
    // Suites change what an environment holds, so only one file at a time may be at it.
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
  },
};
