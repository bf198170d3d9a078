import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/live/**", "test/package/**", "test/bench/**"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Vitest leaves a processor free for its own; most of these tests wait for processes that they started.
    maxWorkers: "100%",
  },
});
