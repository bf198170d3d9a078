// Measures `gw-trace tui` as a process on a real pseudo-terminal: usage  node test/bench/tui-process.mjs <large> <small> [pairs]
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../dist/cli/main.js");
const LIVE_PER_SECOND = 10_000;
const LIVE_SECONDS = 26;
const WATCHED_MS = 20_000;

/** Starts the terminal UI on a pseudo-terminal of 120x40. */
function startTui(file) {
  const startedMs = performance.now();
  const command = `stty rows 40 cols 120; exec ${process.execPath} ${MAIN} tui ${file}`;
  const child = spawn("script", ["-qfec", command, "/dev/null"], {
    env: { ...process.env, TERM: "xterm-256color", SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdout.setEncoding("utf8");
  const ended = new Promise((resolve) => child.once("close", resolve));
  return {
    // The first row that is a frame, from the start of the process.
    firstPaintMs: new Promise((resolve, reject) => {
      const tooLate = setTimeout(() => reject(new Error(`${file} was never painted`)), 30_000);
      let written = "";
      child.stdout.on("data", (text) => {
        written = (written + text).slice(-20_000);
        // Blanks are written as moves of the cursor.
        if (!/\b(?:req|evt)\b/.test(written.replaceAll(/\x1b\[[0-9;?]*[A-Za-z]/g, " "))) return;
        clearTimeout(tooLate);
        resolve(performance.now() - startedMs);
      });
    }),
    pid: () => Number(execFileSync("pgrep", ["-P", String(child.pid)], { encoding: "utf8" })),
    quit: async () => {
      child.stdin.write("\x03");
      await ended;
    },
  };
}

function cpuMsOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  // Clock ticks of user and system time; Linux shows 100 a second.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const read = (name) =>
    Math.round((Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6);
  return { rssMB: read("VmRSS"), peakMB: read("VmHWM") };
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function median(values) {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]);
}

async function firstPaint(file) {
  const tui = startTui(file);
  const ms = await tui.firstPaintMs;
  await tui.quit();
  return ms;
}

// In pairs, one after the other, so that what else the machine does meets both.
async function comparePaint(large, small, pairs) {
  const differences = [];
  const times = { large: [], small: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    const [first, second] = pair % 2 === 0 ? [large, small] : [small, large];
    const ms = { [first]: await firstPaint(first), [second]: await firstPaint(second) };
    times.large.push(ms[large]);
    times.small.push(ms[small]);
    differences.push(ms[large] - ms[small]);
  }
  return {
    largeMs: median(times.large),
    smallMs: median(times.small),
    medianDifferenceMs: median(differences),
  };
}

// Until the process is idle: all is read then.
async function measureMemory(file) {
  const tui = startTui(file);
  await tui.firstPaintMs;
  const pid = tui.pid();
  for (let before = -1; before !== cpuMsOf(pid);) {
    before = cpuMsOf(pid);
    await sleep(1000);
  }
  const memory = { ...memoryOf(pid), cpuMs: cpuMsOf(pid) };
  await tui.quit();
  return memory;
}

async function followLive() {
  const folder = mkdtempSync(join(tmpdir(), "gw-trace-bench-"));
  const file = join(folder, "live.gwtrace");
  const args = [join(import.meta.dirname, "tui-writer.mjs"), file, LIVE_PER_SECOND, LIVE_SECONDS];
  const writer = spawn(process.execPath, args.map(String), { stdio: "inherit" });
  const written = new Promise((resolve) => writer.once("close", resolve));
  while (!readdirSync(folder).includes("live.gwtrace")) await sleep(20);
  await sleep(500);
  const tui = startTui(file);
  await tui.firstPaintMs;
  await sleep(2000);
  const pid = tui.pid();
  const [fromCpuMs, fromMs] = [cpuMsOf(pid), performance.now()];
  await sleep(WATCHED_MS);
  const share = (cpuMsOf(pid) - fromCpuMs) / (performance.now() - fromMs);
  const memory = memoryOf(pid);
  await tui.quit();
  await written;
  rmSync(folder, { recursive: true });
  return { cpuPercent: Number((share * 100).toFixed(1)), ...memory };
}

const [large, small, pairs = "9"] = process.argv.slice(2);
const result = {
  firstPaint: await comparePaint(large, small, Number(pairs)),
  memory: { large: await measureMemory(large), small: await measureMemory(small) },
  live: await followLive(),
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
