// npm run test:truth -- 2026.8.2 2026.7.35: holds the replay of these versions against real Gateways, as CI does for the pinned ones.
import { spawnSync } from "node:child_process";

const versions = process.argv.slice(2);
if (versions.length === 0) {
  console.error("npm run test:truth -- <version>...   for example 2026.8.2");
  process.exit(2);
}
const args = [
  "vitest",
  "run",
  "--config",
  "test/live/vitest.config.ts",
  "test/live/differential.test.ts",
];
const env = { ...process.env, GW_TRACE_TRUTH_VERSIONS: versions.join(",") };
process.exitCode = spawnSync("npx", args, { env, stdio: "inherit" }).status ?? 1;
