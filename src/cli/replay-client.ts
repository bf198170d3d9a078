import { readFile } from "node:fs/promises";
import { GwTraceError } from "../errors.ts";
import type { DeviceKey } from "../gateway/device.ts";
import type { Entry } from "../recording/entry.ts";
import { createRecording, type RecordingWriter } from "../recording/writer.ts";
import { createConnectPreparer } from "../replay/client/prepare-connect.ts";
import { parseDeviceIdentity } from "../replay/client/device-key.ts";
import { renderClientVerdict } from "../replay/client/render-client-verdict.ts";
import { buildClientVerdict, type ClientVerdict } from "../replay/client/client-verdict.ts";
import { playClient, type PlayedClients } from "../replay/client/play-client.ts";
import { Journal } from "../replay/journal.ts";
import { resolveUpstream } from "../tap/upstream.ts";
import { TraceBuilder } from "../trace/build.ts";
import { readTrace } from "../trace/read.ts";
import type { Trace } from "../trace/model.ts";
import { readCredentials } from "./credentials.ts";
import { styleFor } from "./output.ts";
import { openNamed } from "./read-traces.ts";
import { newRecordingPath } from "./recording-path.ts";

/** What was said about playing clients. */
export interface ReplayClientOptions {
  readonly url?: string;
  readonly identity?: string;
  readonly tokenFile?: string;
  readonly allowWrites?: true;
  readonly output?: string;
  readonly maxWaitMs: number;
  readonly json?: true;
}

/**
 * Plays the clients of a recording to a real Gateway and prints how they fare. Resolves to the exit code.
 * @throws {GwTraceError} USAGE, URL_INVALID, GATEWAY_UNREACHABLE, RECORDING_EMPTY, and what opening and creating recordings may throw
 */
export async function replayAsClient(name: string, options: ReplayClientOptions): Promise<number> {
  const { url } = resolveUpstream(options.url, process.env);
  const credentials = await readCredentials(options.tokenFile ?? null, process.env);
  const device = options.identity === undefined ? null : await readIdentity(options.identity);
  const { before, entries } = await readRecording(name);
  const path = await newRecordingPath({ name: null, output: options.output ?? null });
  const played = await play({ before, entries, url, path, credentials, device, options });
  const verdict = buildClientVerdict(before, played.now, played.clients.heldBack, url);
  if (played.clients.connections.every(({ opened }) => !opened)) throw unreachable(url, verdict);
  process.stderr.write(`recorded this replay in ${path}\n`);
  print(verdict, options);
  return verdict.outcome === "fixed" || verdict.outcome === "unchanged" ? 0 : 1;
}

interface Play {
  readonly before: Trace;
  readonly entries: readonly Entry[];
  readonly url: string;
  readonly path: string;
  readonly credentials: { readonly token?: string; readonly password?: string };
  readonly device: DeviceKey | null;
  readonly options: ReplayClientOptions;
}

async function play(the: Play): Promise<{ clients: PlayedClients; now: Trace }> {
  const journal = new Journal();
  const name = the.before.recording.name;
  await using writer = await createRecording(the.path, {
    source: "replayed-client",
    startedAt: journal.startedAt,
    upstream: the.url,
    listen: null,
    redaction: "credentials",
    replayOf: [name],
    assumedPeer: null,
  });
  const builder = new TraceBuilder(writer.header);
  journal.writeTo({ append: (entry) => builder.add(writer.append(entry)) });
  const { credentials, device, options } = the;
  const clients = await playClient({
    entries: the.entries,
    url: the.url,
    maxWaitMs: options.maxWaitMs,
    journal,
    prepareConnect: createConnectPreparer({ credentials, device, nowMs: () => Date.now() }),
    manners: {
      recordedVersion: versionOf(the.before),
      allowWrites: options.allowWrites === true,
    },
  });
  return { clients, now: traceOf(builder, name, writer) };
}

function traceOf(builder: TraceBuilder, name: string, { header }: RecordingWriter): Trace {
  const facts = { complete: true, missing: [], entryCount: 0 };
  return builder.trace({ name: `clients of ${name}`, header, ...facts });
}

async function readRecording(name: string): Promise<{ before: Trace; entries: readonly Entry[] }> {
  await using reader = await openNamed(name);
  const before = await readTrace(reader);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  if (before.connections.some(({ upgrade }) => upgrade !== null)) return { before, entries };
  throw new GwTraceError(
    "RECORDING_EMPTY",
    `${reader.name} holds no client that can be played`,
    "Record a client that connects: gw-trace record.",
  );
}

async function readIdentity(path: string): Promise<DeviceKey> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw noIdentity(path, cause);
  });
  const key = parseDeviceIdentity(text);
  if (key === null) throw noIdentity(path);
  return key;
}

function noIdentity(path: string, cause?: unknown): GwTraceError {
  return new GwTraceError(
    "USAGE",
    `${path} is no device identity${cause === undefined ? "" : ": it cannot be read"}`,
    "Give identity/device.json of an OpenClaw state folder; from 2026.9 on the identity is in a database, and cannot be read.",
    { cause },
  );
}

function unreachable(url: string, { connections }: ClientVerdict): GwTraceError {
  const why = connections[0]?.now?.error ?? "no connection came about";
  return new GwTraceError(
    "GATEWAY_UNREACHABLE",
    `the Gateway at ${url} took none of the recorded connections: ${why}`,
    "Check that an OpenClaw Gateway is up there: openclaw gateway status.",
  );
}

function versionOf({ connections }: Trace): string | null {
  const hello = connections.find(({ handshake }) => handshake.hello !== null)?.handshake.hello;
  return hello?.serverVersion ?? null;
}

function print(verdict: ClientVerdict, { json, allowWrites }: ReplayClientOptions): void {
  process.stdout.write(
    json === true
      ? `${JSON.stringify(verdict, null, 2)}\n`
      : renderClientVerdict(verdict, styleFor(process.stdout, process.env)),
  );
  const held = verdict.connections
    .flatMap(({ rpcs }) => rpcs)
    .filter((rpc) => rpc.heldBack !== null);
  if (held.length > 0 && allowWrites !== true) {
    const methods = [...new Set(held.map(({ method }) => method))].join(", ");
    process.stderr.write(`held back: ${methods}; --allow-writes sends what may change something\n`);
  }
}
