// Measures gw-trace against its neighbours, in turn, on loopback. node test/bench/run.mjs [rounds] [name of a participant]...
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { join } from "node:path";
import { listParticipants, startNode, usageOf } from "./participants.mjs";
import { cell, reportGoals, reportMedians, reportRatios } from "./report.mjs";

const PHASES = [
  { name: "round trip", client: ["round-trips", 300, 6000, 1, 1], messages: 15_000 },
  { name: "200 B", client: ["load", 200, 150_000, 256, 4], messages: 360_000 },
  { name: "16 KB", client: ["load", 16_384, 8000, 16, 4], messages: 19_200 },
];

/** Those who send through Python take so long for what takes the others a second that they get less to do. */
const SLOW = { "mitmdump -w": 20 };

const rounds = Number(process.argv[2] ?? 5);
const wanted = process.argv.slice(3);
const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), "gw-trace-bench-"));

async function measure(participant, phase, round) {
  const file = join(
    folder,
    `${participant.name.replaceAll(/\W/g, "-")}-${phase.client[1]}-${round}.out`,
  );
  const [mode, sizeBytes, count, ...rest] = phase.client;
  const share = SLOW[participant.name] ?? 1;
  const messages = Math.ceil(count / share);
  const gateway = await startNode([join(here, "gateway.mjs"), String(sizeBytes)]);
  const tap = await participant.start(gateway.port, file);
  const before = tap.child === null ? null : usageOf(tap.child.pid);
  const args = [join(here, "client.mjs"), tap.port, mode, sizeBytes, messages, ...rest].map(String);
  const client = await startNode(args, (result) => result);
  await client.ended;
  const result = { ...client.port, missed: 0, bytesPerMessage: null, megabytesPeak: null };
  if (tap.child !== null) {
    const usage = usageOf(tap.child.pid);
    result.megabytesPeak = usage.megabytes;
    result.cpuMicroseconds =
      ((usage.cpuSeconds - before.cpuSeconds) * 1e6 * share) / phase.messages;
    const start = performance.now();
    // Closing takes memory too.
    const look = setInterval(() => {
      const { megabytes } = usageOf(tap.child.pid) ?? { megabytes: 0 };
      result.megabytesPeak = Math.max(result.megabytesPeak, megabytes);
    }, 50);
    tap.child.kill("SIGINT");
    await tap.ended;
    clearInterval(look);
    result.closingSeconds = (performance.now() - start) / 1000;
    if (existsSync(file)) result.bytesPerMessage = (statSync(file).size * share) / phase.messages;
    const summary = tap.lines
      .map((line) => JSON.parse(line))
      .find(({ type }) => type === "summary");
    result.missed = summary?.recording.missedEntries ?? 0;
    rmSync(file, { force: true });
  }
  gateway.child.kill();
  await gateway.ended;
  return result;
}

const all = listParticipants();
for (const { name } of all.filter(({ version }) => version === null))
  console.log(`skipped: ${name} is not installed`);
const present = all.filter(
  ({ name, version }) => version !== null && (wanted.length === 0 || wanted.includes(name)),
);
const versions = present
  .filter(({ version }) => version !== "")
  .map(({ name, version }) => `${name} ${version}`);
console.log(
  `${cpus().length} x ${cpus()[0]?.model}, Linux ${release()}, Node ${process.version}, ${versions.join(", ")}`,
);
const load = () => `load average ${loadavg()[0]?.toFixed(1)}`;
console.log(`${rounds} rounds, everyone in turn, each in a process of its own; ${load()}`);
const results = [];
for (let round = 1; round <= rounds; round++) {
  for (const phase of PHASES) {
    for (const participant of present) {
      const result = await measure(participant, phase, round);
      results.push({ name: participant.name, phase: phase.name, ...result });
      const {
        p50,
        p99,
        perSecond,
        megabytes,
        bytesPerMessage,
        megabytesPeak,
        cpuMicroseconds,
        closingSeconds,
        missed,
      } = result;
      const speed =
        p50 === undefined
          ? `${cell(perSecond, 0)} msg/s ${cell(megabytes, 1)} MB/s`
          : `p50 ${cell(p50, 1)} p99 ${cell(p99, 1)} µs`;
      const rest = `disk ${cell(bytesPerMessage, 1)} B/msg, peak ${cell(megabytesPeak, 0)} MB, cpu ${cell(cpuMicroseconds, 1)} µs/msg, closing ${cell(closingSeconds, 1)} s`;
      console.log(
        `${round} ${phase.name.padEnd(16)} ${participant.name.padEnd(12)} ${speed}, ${rest}${missed > 0 ? `, MISSED ${missed}` : ""}`,
      );
    }
  }
}
console.log(`at the end: ${load()}`);
const names = present.map(({ name }) => name);
reportMedians(names, results);
reportRatios(names, results);
reportGoals(names, results);
rmSync(folder, { recursive: true });
