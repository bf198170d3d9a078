// Measures what large recordings cost: usage  node test/bench/scale-run.mjs [messages] [rounds]
// Everyone in turn, each in a process of its own, on the same traffic. What is not installed is skipped.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { join } from "node:path";

const messages = Number(process.argv[2] ?? 1_000_000);
const rounds = Number(process.argv[3] ?? 3);
const here = import.meta.dirname;
const folder = join(here, "../../.cache/scale");
const cli = join(here, "../../dist/cli/main.js");
const node = (...args) => [process.execPath, ...args];

mkdirSync(folder, { recursive: true });
function traffic(count, seed) {
  const base = join(folder, `scale-${seed}`);
  const made = `${base}.gwtrace`;
  if (!existsSync(made)) {
    const script = join(here, "scale-recording.mjs");
    spawnSync(process.execPath, [script, folder, String(count), String(seed)], {
      stdio: "inherit",
    });
  }
  return { recording: made, lines: `${base}.jsonl`, packets: `${base}.pcapng` };
}

// The seed is the number of messages, so that another size is another file.
const large = traffic(messages, messages);
const small = traffic(1000, 1000);
const other = traffic(messages / 5, messages / 5);

const plain = (file) => node(join(here, "scale-plain.mjs"), file);
const AS_JSON = "websocket.text_type:As JSON";
const tshark = (filter) => ["tshark", "-r", large.packets, "-o", AS_JSON, "-Y", filter];
const REFUSED = 'json.value.string == "missing scope: operator.admin"';
const QUESTIONS = [
  { what: "info", of: node(cli, "info", large.recording), against: { "info on 1,000 messages": node(cli, "info", small.recording) } },
  { what: "show --tail 50", of: node(cli, "show", large.recording, "--tail", "50"), against: { "show --tail 50 on 1,000 messages": node(cli, "show", small.recording, "--tail", "50") } },
  { what: "check", of: node(cli, "check", large.recording, "--fail-on", "none"), against: { "plain script": plain(large.lines), tshark: tshark(REFUSED) } },
  { what: "show --filter ok==false", of: node(cli, "show", large.recording, "--filter", "ok==false"), against: { "plain script": plain(large.lines), tshark: tshark(REFUSED) } },
  { what: "diff of a fifth with itself", of: node(cli, "diff", other.recording, other.recording), against: { "plain script, twice": ["sh", "-c", [...plain(other.lines), "&&", ...plain(other.lines)].join(" ")] } },
]; // prettier-ignore

const isInstalled = (command) => spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
const hasTime = existsSync("/usr/bin/time");

function run(command) {
  const file = join(folder, "usage");
  const timed = hasTime ? ["/usr/bin/time", "-f", "%e %U %S %M", "-o", file, ...command] : command;
  const start = performance.now();
  const { status, error } = spawnSync(timed[0], timed.slice(1), { stdio: ["ignore", "ignore", "ignore"] });
  if (error !== undefined || status !== 0) throw new Error(`${command.join(" ")} ended with ${status}`);
  const wallSeconds = (performance.now() - start) / 1000;
  if (!hasTime) return { wallSeconds, cpuSeconds: null, megabytes: null };
  const [, user, system, kilobytes] = readFileSync(file, "utf8").trim().split("\n").at(-1).split(" ").map(Number);
  return { wallSeconds, cpuSeconds: user + system, megabytes: kilobytes / 1024 };
} // prettier-ignore

function median(values) {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  return sorted.length === 0 ? null : sorted[Math.floor(sorted.length / 2)];
}

const show = (value, digits, unit) => (value === null ? "–" : `${value.toFixed(digits)} ${unit}`);

console.log(
  `${cpus().length} x ${cpus()[0]?.model}, Linux ${release()}, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)}, ${messages} messages, ${rounds} rounds`,
);
console.log(
  "\n| | wall | processor | peak memory | against | wall | ratio of wall | of processor |",
);
console.log("| --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |");
for (const { what, of, against } of QUESTIONS) {
  for (const [name, command] of Object.entries(against)) {
    if (!isInstalled(command[0])) {
      console.log(`skipped: ${name} is not installed`);
      continue;
    }
    const pairs = Array.from({ length: rounds }, () => ({ own: run(of), other: run(command) }));
    const middle = (side, field) => median(pairs.map((pair) => pair[side][field]));
    const ratio = (field) =>
      median(pairs.map((pair) => (pair.other[field] ? pair.own[field] / pair.other[field] : null)));
    const cells = [
      what,
      show(middle("own", "wallSeconds"), 2, "s"),
      show(middle("own", "cpuSeconds"), 2, "s"),
      show(middle("own", "megabytes"), 0, "MB"),
      name,
      show(middle("other", "wallSeconds"), 2, "s"),
      show(ratio("wallSeconds"), 2, "x"),
      show(ratio("cpuSeconds"), 2, "x"),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}
