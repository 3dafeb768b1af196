// biome-ignore lint/style/noDefaultExport: what Vitest takes its configuration from
export default {
  test: {
    // One after the other: they share this machine's engine, and each needs all of it.
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    sequence: { concurrent: false },
  },
};
