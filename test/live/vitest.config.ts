import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/live/**/*.test.ts"],
    globalSetup: ["test/live/harness/global-setup.ts"],
    setupFiles: ["test/live/harness/print-logs.ts"],
    // A Gateway takes 5 to 15 seconds to start and most of a core; two at once only get slower.
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    teardownTimeout: 30_000,
  },
});
