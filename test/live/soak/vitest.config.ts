import { defineConfig, mergeConfig } from "vitest/config";
import live from "../vitest.config.ts";

export default mergeConfig(
  { ...live, test: { ...live.test, include: [] } },
  defineConfig({ test: { include: ["test/live/soak/soak.ts"], testTimeout: 24 * 3_600_000 } }),
);
