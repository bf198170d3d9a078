import { access, rename, rm } from "node:fs/promises";
import { GwTraceError } from "../errors.ts";
import { recordingName } from "../recording/names.ts";
import { openRecording } from "../recording/reader.ts";
import { createRecording, type RecordingWriter } from "../recorder/writer.ts";
import { buildVerdict } from "../replay/verdict/verdict.ts";
import { createClock } from "../tap/clock.ts";
import { probeGateway } from "../tap/probe.ts";
import { Recorder } from "../tap/recorder.ts";
import { startTap, type Tap } from "../tap/tap.ts";
import { judgeStandpoint } from "../tap/trust.ts";
import { resolveUpstream, type Upstream } from "../tap/upstream.ts";
import { clientEnvironment } from "../gateway/config.ts";
import type { LocalityChange } from "../gateway/address.ts";
import type { NewRecordingHeader } from "../recording/entry.ts";
import type { OpenGateway, ReplayGatewayOptions } from "./gateway.ts";
import { LiveTrace } from "./live-trace.ts";

const LISTEN = { host: "127.0.0.1", port: 0 };

/**
 * Stands before a real Gateway and records it. The file gets its name only when the test has passed; until then, and when it fails,
 * an older recording stays as it is.
 * @throws {GwTraceError} RECORDING_EXISTS, GATEWAY_UNREACHABLE, URL_INVALID, WRITE_FAILED
 */
export async function startRecorded(
  mode: "record" | "update",
  path: string,
  options: ReplayGatewayOptions,
): Promise<OpenGateway> {
  if (mode === "record") await assertFree(path);
  const upstream = resolveUpstream(options.upstream, process.env);
  const localityChange = await assertReachable(upstream);
  const clock = createClock();
  const header = headerOf(upstream, clock.startedAt, localityChange);
  // Beside its place, so that it can be moved there in one step.
  const aside = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.new`;
  const writer = await createRecording(aside, header);
  const live = new LiveTrace(recordingName(path), header);
  const recorder = new Recorder({
    append: (entry) => writer.append(entry),
    onEntry: (entry) => live.add(entry),
  });
  const tap = await startTap({ listen: LISTEN, upstream, observer: recorder, clock });
  const url = `ws://${tap.address}`;
  const token = options.token ?? (process.env["OPENCLAW_GATEWAY_TOKEN"] || null);
  const close = (): Promise<void> => closeAll(tap, recorder, writer);
  return {
    mode,
    url,
    env: clientEnvironment({}, { url, port: tap.hostPort.port }, token),
    trace: () => live.trace(),
    verdict: () => buildVerdict({ recordings: [], connections: [] }),
    close,
    finish: (testPassed) => settle(mode, aside, path, testPassed),
    [Symbol.asyncDispose]: close,
  };
}

function headerOf(
  upstream: Upstream,
  startedAt: string,
  localityChange: LocalityChange | null,
): NewRecordingHeader {
  return {
    source: "tap",
    startedAt,
    upstream: upstream.url,
    // A port that happened to be free would only make every recording differ from the one before.
    listen: null,
    redaction: "credentials",
    replayOf: [],
    assumedPeer: null,
    localityChange,
  };
}

async function assertReachable(upstream: Upstream): Promise<LocalityChange | null> {
  const probe = await probeGateway({ ...upstream, source: null });
  const standpoint = { listenHost: LISTEN.host, upstreamHost: upstream.host, source: null };
  if (probe.reached) return judgeStandpoint(standpoint, probe);
  throw new GwTraceError(
    "GATEWAY_UNREACHABLE",
    `there is no Gateway to record at ${upstream.url}: ${probe.detail}`,
    "Start one, or name another with the option upstream or OPENCLAW_GATEWAY_URL.",
  );
}

async function closeAll(tap: Tap, recorder: Recorder, writer: RecordingWriter): Promise<void> {
  await tap.close();
  await recorder.idle();
  await writer.close();
}

async function settle(
  mode: "record" | "update",
  aside: string,
  path: string,
  testPassed: boolean,
): Promise<void> {
  try {
    if (!testPassed) return;
    await assertWorthKeeping(aside, path);
    if (mode === "record") await assertFree(path);
    await rename(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
}

async function assertWorthKeeping(aside: string, path: string): Promise<void> {
  await using reader = await openRecording(aside);
  if (reader.complete && reader.missing.length === 0 && reader.entryCount > 0) return;
  throw new GwTraceError(
    "RECORDING_EMPTY",
    reader.entryCount === 0
      ? `nothing connected while ${path} was recorded`
      : `the recording for ${path} is not whole: ${reader.missing.join("; ")}`,
    "Look whether the test's client uses the url or env it is given; what was there is unchanged.",
  );
}

async function assertFree(path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new GwTraceError(
    "RECORDING_EXISTS",
    `${path} is there already`,
    "Use the mode update (GW_TRACE_MODE=update) to make it anew.",
  );
}
