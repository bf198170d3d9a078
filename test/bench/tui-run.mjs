// Measures what keys and filters take in the terminal UI: usage  node test/bench/tui-run.mjs <file>
import { performance } from "node:perf_hooks";
import { PassThrough, Writable } from "node:stream";
import { setFlagsFromString } from "node:v8";

// As cli/tui.ts does.
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=100");

const START_MS = performance.now();
const { openRecording } = await import("../../dist/recording/reader.js");
const { App } = await import("../../dist/tui/app.js");
const { RecordingFeed } = await import("../../dist/tui/reading/recording-feed.js");

const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
let written = "";
let wake = () => undefined;
const output = new Writable({
  decodeStrings: false,
  write(chunk, _encoding, done) {
    written += chunk;
    wake();
    done();
  },
});
Object.assign(output, { isTTY: true, columns: 120, rows: 40 });

async function until(fits, what) {
  const endMs = performance.now() + 30_000;
  while (!fits(written)) {
    if (performance.now() > endMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, 50);
    });
  }
}

// The main thread's time, which other programs do not lengthen; from Node 24 on, null before.
function cpuMs() {
  const used = process.threadCpuUsage?.();
  return used === undefined ? null : (used.user + used.system) / 1000;
}

async function press(key) {
  written = "";
  const [fromMs, fromCpuMs] = [performance.now(), cpuMs()];
  input.write(key);
  await until((text) => text.length > 0, `an answer to ${JSON.stringify(key)}`);
  return { ms: performance.now() - fromMs, cpuMs: cpuMs() - fromCpuMs };
}

const result = {};
const reader = await openRecording(process.argv[2]);
const app = new App(
  new RecordingFeed(reader),
  { input, output },
  { charset: "unicode", theme: "default", mouse: false },
);
const running = app.run();
await until((text) => text.includes("req"), "first rows");
result.firstRowsMs = Math.round(performance.now() - START_MS);
await press("G");
const whileReading = [];
for (let key = 0; key < 60; key++) whileReading.push(await press(key % 2 === 0 ? "k" : "j"));
await until(
  () =>
    app.state.recording.readCount >= reader.entryCount &&
    app.state.recording.findings !== undefined,
  "all read",
);
result.allReadMs = Math.round(performance.now() - START_MS);
await new Promise((resolve) => setTimeout(resolve, 1000));
await press("G");
await press("g");
const keys = [];
for (let key = 0; key < 300; key++)
  keys.push(await press(["j", "\x1b[6~", "G", "k", "g"][key % 5]));
const p95 = (presses, unit) => {
  const times = presses.map((one) => one[unit]).toSorted((a, b) => a - b);
  return Number(times[Math.floor(times.length * 0.95)].toFixed(1));
};
for (const unit of ["ms", ...(cpuMs() === null ? [] : ["cpuMs"])]) {
  result[`keyP95WhileReading.${unit}`] = p95(whileReading, unit);
  result[`keyP95.${unit}`] = p95(keys, unit);
}
for (const [name, filter] of [
  ["filterByRow", "ok==false"],
  ["filterByText", '"missing scope"'],
]) {
  await press("/");
  input.write("\x15");
  written = "";
  const fromMs = performance.now();
  input.write(`${filter}\r`);
  await until(
    () => app.state.frames.filter?.text === filter && app.state.frames.list.length > 0,
    "first match",
  );
  result[`${name}FirstMs`] = Math.round(performance.now() - fromMs);
  await until(() => app.state.frames.scanned >= app.state.frames.limit, "whole scan");
  result[`${name}AllMs`] = Math.round(performance.now() - fromMs);
  result[`${name}Matches`] = app.state.frames.list.length;
}
input.write("\x03");
await running;
await reader.close();
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
