// Measures how fast a recording answers, against a bare `ws` echo server. node test/bench/replay-run.mjs [rounds]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { json } from "node:stream/consumers";
import { startNode, usageOf } from "./participants.mjs";
import { WARM_UP } from "./replay-conversation.mjs";
import { writeConversations } from "./replay-recording.mjs";

/** One busy client, several, and a hundred: connections, requests of each, how many of them are under way at a time. */
const PHASES = [
  [1, 40_000, 64],
  [4, 10_000, 32],
  [100, 400, 8],
];
const rounds = Number(process.argv[2] ?? 5);
const here = import.meta.dirname;
const cli = join(here, "../../dist/cli/main.js");
const folder = mkdtempSync(join(tmpdir(), "gw-trace-bench-replay-"));

/** Starts `gw-trace replay` as anybody would; it records what happens, too. */
async function startReplay(recording, output) {
  const args = [cli, "replay", recording, "--once", "--json", "-o", output];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "exit");
  const verdict = json(child.stdout);
  let said = "";
  const port = await new Promise((resolve, reject) => {
    child.stderr.on("data", (chunk) => {
      said += chunk;
      const found = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once("exit", () => reject(new Error(`gw-trace replay ended: ${said}`)));
  });
  return { child, ended, port, verdict };
}

async function startEcho() {
  return { ...(await startNode([join(here, "echo.mjs")])), verdict: null };
}

/** Requests a second, and processor time a request, of one server under one load; both without the warming up. */
async function measure(start, [connections, requests, window]) {
  const server = await start();
  const args = [join(here, "replay-client.mjs"), server.port, connections, requests, window];
  const client = spawn(process.execPath, args.map(String), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const cpu = [];
  let perSecond = 0;
  for await (const line of createInterface({ input: client.stdout })) {
    cpu.push(usageOf(server.child.pid).cpuSeconds);
    if (line !== "warm") perSecond = Number(line);
  }
  if (cpu.length !== 2) throw new Error("the client did not come to its end");
  if (server.verdict === null) server.child.kill();
  const verdict = await server.verdict;
  await server.ended;
  if (verdict !== null && verdict.outcome !== "unchanged") throw new Error(verdict.conclusion);
  const asked = connections * requests * (1 - WARM_UP);
  return { perSecond, cpuMicroseconds: ((cpu[1] - cpu[0]) * 1e6) / asked };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

console.log(
  `${cpus().length} x ${cpus()[0]?.model}, Linux ${release()}, Node ${process.version}, ${rounds} rounds in turn`,
);
console.log("| connections | requests | echo | replay | of echo | echo, cpu | replay, cpu |");
console.log("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
for (const phase of PHASES) {
  const [connections, requests] = phase;
  const recording = join(folder, `${connections}.gwtrace`);
  await writeConversations(recording, connections, requests);
  const results = [];
  for (let round = 1; round <= rounds; round++) {
    const echo = await measure(startEcho, phase);
    const output = join(folder, `${connections}-${round}.gwtrace`);
    results.push({ echo, replay: await measure(() => startReplay(recording, output), phase) });
    rmSync(output);
  }
  const of = (who, field) => median(results.map((result) => result[who][field]));
  // Round by round in pairs, since a machine is faster in one minute than in the next.
  const ratio = median(results.map(({ echo, replay }) => replay.perSecond / echo.perSecond));
  const cells = [
    connections,
    connections * requests,
    `${of("echo", "perSecond").toFixed(0)}/s`,
    `${of("replay", "perSecond").toFixed(0)}/s`,
    `${ratio.toFixed(2)}x`,
    `${of("echo", "cpuMicroseconds").toFixed(1)} µs`,
    `${of("replay", "cpuMicroseconds").toFixed(1)} µs`,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
rmSync(folder, { recursive: true });
