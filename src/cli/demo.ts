import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { SHIPPED_RECORDINGS } from "../recording/locate.ts";
import { Command } from "commander";
import { diagnose } from "../findings/diagnose.ts";
import { openRecording } from "../recording/reader.ts";
import { buildScript } from "../replay/script/build-script.ts";
import { playClient, type PlayedClients } from "../replay/client/play-client.ts";
import { startReplayedGateway } from "../replay/serve/gateway-server.ts";
import { startRecordSession } from "../tap/session.ts";
import { resolveUpstream } from "../tap/upstream.ts";
import { readTrace } from "../trace/read.ts";
import { renderShow } from "../views/show.ts";
import { print, styleFor, tell } from "./output.ts";
import { collect } from "./read-traces.ts";
import { shellWord } from "../findings/pairing.ts";

const FAILING = join(SHIPPED_RECORDINGS, "sessions-spawn-77807.gwtrace");
const WORKING = join(SHIPPED_RECORDINGS, "direct-agent-control.gwtrace");

/** `gw-trace demo`: the founding case, played and recorded again on this machine, offline. */
export function demoCommand(): Command {
  return new Command("demo").action(async () => {
    const say = (line: string): void => tell(`${line}\n`);
    const path = join(await mkdtemp(join(tmpdir(), "gw-trace-demo-")), "demo.gwtrace");
    say(
      "OpenClaw issue #77807: sessions_spawn fails with `missing scope: operator.write`, although the token has every scope.\n",
    );
    await recordReplay(path, say);
    const traces = [await traceOf(path), await traceOf(WORKING)];
    say("4. The report, beside a recording in which the same method succeeds:\n");
    print(renderShow(traces, diagnose(traces), styleFor(process.stdout, process.env)));
    say(nextSteps(path));
  });
}

/** Plays the recorded Gateway, puts the real tap before it, and the recorded client before that. */
async function recordReplay(path: string, say: (line: string) => void): Promise<void> {
  await using reader = await openRecording(FAILING);
  const entries = await collect(reader.entries());
  const script = buildScript(reader.name, entries, reader.header.assumedPeer);
  await using gateway = await startReplayedGateway({ scripts: [script] });
  say(`1. A Gateway plays the recording ${reader.name} on ${gateway.url} (no OpenClaw runs here).`);
  await using session = await startRecordSession({
    listen: { host: "127.0.0.1", port: 0 },
    upstream: resolveUpstream(gateway.url, {}),
    source: null,
    path,
    redaction: "credentials",
    replayOf: [reader.name],
    assumedPeer: script.recordedPeer,
    onNotice: () => {},
    onBlind: (error) => {
      throw error;
    },
  });
  say(`2. The tap stands before it on ${session.tap.address} and records.`);
  const played = await playClient({ entries, url: `ws://${session.tap.address}` });
  say(
    `3. The recorded client is played through the tap: ${countRequests(played)} requests. Written: ${path}\n`,
  );
}

function countRequests({ connections }: PlayedClients): number {
  const connects = connections.filter(({ handshake }) => handshake.connect !== null);
  return connections.flatMap(({ rpcs }) => rpcs).length + connects.length;
}

async function traceOf(path: string) {
  await using reader = await openRecording(path);
  return await readTrace(reader);
}

function nextSteps(path: string): string {
  return [
    "\nTry next:",
    `  gw-trace tui ${shellWord(path)}`,
    "  gw-trace ls",
    "  gw-trace replay sessions-spawn-77807 -- openclaw gateway call agent   (your client, the recorded Gateway)",
    "  gw-trace record   (before your own Gateway; then OPENCLAW_GATEWAY_PORT=18777 openclaw status)",
    ...(basename(process.argv[1] ?? "") === "main.js"
      ? ["In this checkout, gw-trace is: node dist/cli/main.js"]
      : []),
  ].join("\n");
}
