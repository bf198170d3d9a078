// Measures how much longer than an empty Node program the command line takes to start, in pairs. node test/bench/start-up.mjs [pairs]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";

const pairs = Number(process.argv[2] ?? 40);
const main = join(import.meta.dirname, "../../dist/cli/main.js");
const recording = join(import.meta.dirname, "../../recordings/sessions-spawn-77807.gwtrace");
const folder = mkdtempSync(join(tmpdir(), "gw-trace-start-"));
const empty = join(folder, "empty.mjs");
writeFileSync(empty, "");

const COMMANDS = [
  ["--version"],
  ["--help"],
  ["show", "--help"],
  ["show", recording],
  ["__complete", "--", "sh"],
];

/** How long one run takes, in milliseconds. */
function run(args) {
  const startMs = performance.now();
  const { status } = spawnSync(process.execPath, args, { stdio: "ignore" });
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}`);
  return performance.now() - startMs;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

console.log(
  `${cpus()[0]?.model}, Linux ${release()}, Node ${process.versions.node}, ${pairs} pairs`,
);
try {
  for (const args of COMMANDS) {
    const empties = [];
    const ours = [];
    for (let pair = 0; pair < pairs; pair++) {
      empties.push(run([empty]));
      ours.push(run([main, ...args]));
    }
    const ratio = median(ours.map((ms, index) => ms / empties[index]));
    const words = args.map((word) => (word === recording ? "<recording>" : word)).join(" ");
    console.log(
      `gw-trace ${words.padEnd(24)} ${median(ours).toFixed(0)} ms, empty program ${median(empties).toFixed(0)} ms, ${ratio.toFixed(2)}x`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
