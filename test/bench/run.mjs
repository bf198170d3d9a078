// Measures gw-trace against its neighbours, in turn, on loopback. node test/bench/run.mjs [rounds] [name of a participant]...
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { listParticipants, startNode, usageOf } from "./participants.mjs";

const PHASES = [
  { name: "round trip 300 B", client: ["round-trips", 300, 6000, 1, 1], messages: 15_000 },
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
  const args = [join(here, "client.mjs"), tap.port, mode, sizeBytes, messages, ...rest].map(String);
  const client = await startNode(args, (result) => result);
  await client.ended;
  const result = { ...client.port, missed: 0, bytesPerMessage: null, megabytesPeak: null };
  if (tap.child !== null) {
    const usage = usageOf(tap.child.pid);
    result.megabytesPeak = usage.megabytes;
    result.cpuMicroseconds = (usage.cpuSeconds * 1e6 * share) / phase.messages;
    tap.child.kill("SIGINT");
    await tap.ended;
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

function median(values) {
  const sorted = values
    .filter((value) => value !== null && value !== undefined)
    .toSorted((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)];
}

function cell(value, digits) {
  return value === null || value === undefined ? "–" : value.toFixed(digits);
}

function report(names, results) {
  const of = (name, phase, field) =>
    median(results.filter((r) => r.name === name && r.phase === phase).map((r) => r[field]));
  const [trip, small, large] = PHASES.map(({ name }) => name);
  const peak = (name) =>
    Math.max(...PHASES.map(({ name: phase }) => of(name, phase, "megabytesPeak") ?? 0));
  console.log(
    "\n| | round trip p50 | p99 | 200 B | 16 KB | disk at 200 B | disk at 16 KB | peak memory |",
  );
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const name of names) {
    const cells = [
      `${cell(of(name, trip, "p50"), 1)} µs`,
      `${cell(of(name, trip, "p99"), 0)} µs`,
      `${cell(of(name, small, "perSecond"), 0)} msg/s`,
      `${cell(of(name, large, "megabytes"), 0)} MB/s`,
      `${cell(of(name, small, "bytesPerMessage"), 0)} B`,
      `${cell(of(name, large, "bytesPerMessage"), 0)} B`,
      peak(name) === 0 ? "–" : `${peak(name).toFixed(0)} MB`,
    ];
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
  console.log(
    "\n| gw-trace against | round trip p50 | p99 | 200 B | 16 KB | disk at 200 B | disk at 16 KB |",
  );
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const name of names.filter((other) => other !== "gw-trace")) {
    const ratio = (phase, field) => {
      // Rounds in pairs, since a machine is faster in one minute than in the next.
      const own = results.filter((r) => r.name === "gw-trace" && r.phase === phase);
      const others = results.filter((r) => r.name === name && r.phase === phase);
      const value = median(
        own.map((r, i) => (others[i]?.[field] ? r[field] / others[i][field] : null)),
      );
      return value === null ? "–" : `${value.toFixed(2)}x`;
    };
    const cells = [
      [trip, "p50"],
      [trip, "p99"],
      [small, "perSecond"],
      [large, "megabytes"],
      [small, "bytesPerMessage"],
      [large, "bytesPerMessage"],
    ].map(([phase, field]) => ratio(phase, field));
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
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
console.log(`${rounds} rounds, everyone in turn, each in a process of its own`);
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
        missed,
      } = result;
      const speed =
        p50 === undefined
          ? `${cell(perSecond, 0)} msg/s ${cell(megabytes, 1)} MB/s`
          : `p50 ${cell(p50, 1)} p99 ${cell(p99, 1)} µs`;
      const rest = `disk ${cell(bytesPerMessage, 1)} B/msg, peak ${cell(megabytesPeak, 0)} MB, cpu ${cell(cpuMicroseconds, 1)} µs/msg`;
      console.log(
        `${round} ${phase.name.padEnd(16)} ${participant.name.padEnd(12)} ${speed}, ${rest}${missed > 0 ? `, MISSED ${missed}` : ""}`,
      );
    }
  }
}
report(
  present.map(({ name }) => name),
  results,
);
rmSync(folder, { recursive: true });
