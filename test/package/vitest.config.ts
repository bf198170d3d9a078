import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/package/**/*.test.ts"],
    globalSetup: ["test/package/global-setup.ts"],
    // It installs packages again and again: the network and the disk decide how long that takes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
