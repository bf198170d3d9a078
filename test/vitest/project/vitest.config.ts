import { defineConfig } from "vitest/config";

// A project of its own, run by a test: how tests end can only be seen from outside.
export default defineConfig({
  test: { root: import.meta.dirname, include: ["*.case.ts"], fileParallelism: false },
});
