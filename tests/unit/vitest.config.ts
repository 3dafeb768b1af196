// biome-ignore lint/style/noDefaultExport: what Vitest takes its configuration from
export default {
  test: { testTimeout: 20_000 },
};
