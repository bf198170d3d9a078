import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type {
  Entry,
  MessageEntry,
  NewEntry,
  NewRecordingHeader,
} from "../../src/recording/entry.ts";
import type { RecordingReader } from "../../src/recording/reader.ts";

/** What every test recording says of itself, unless told otherwise. */
export const sampleHeader: NewRecordingHeader = {
  source: "tap",
  startedAt: "2026-11-23T03:10:21.000Z",
  upstream: "ws://127.0.0.1:18789",
  listen: "127.0.0.1:19789",
  redaction: "off",
  replayOf: [],
  assumedPeer: null,
};

/** A text message of the client. */
export function textEntry(text: string, atMs = 1): MessageEntry {
  return {
    kind: "message",
    atMs,
    wallMs: 1_795_403_421_000 + Math.floor(atMs),
    connection: 1,
    from: "client",
    message: { type: "text", text },
    sizeBytes: Buffer.byteLength(text),
    redacted: false,
  };
}

/** One entry of every kind, and one message of every type. */
export const everyKind: readonly NewEntry[] = [
  {
    kind: "opened",
    atMs: 0.125,
    wallMs: 1_795_403_421_000,
    connection: 1,
    clientAddress: "127.0.0.1:36734",
    peerAddress: null,
    gatewayAddress: "[::1]:18789",
  },
  {
    kind: "http-request",
    atMs: 0.5,
    wallMs: 1_795_403_421_000,
    connection: 1,
    method: "GET",
    target: "/?x=1",
    headers: [
      ["Host", "a"],
      ["X-Twice", "1"],
      ["x-twice", "2"],
    ],
    redacted: true,
  },
  {
    kind: "http-response",
    atMs: 0.75,
    wallMs: 1_795_403_421_001,
    connection: 1,
    status: 101,
    reason: "Switching Protocols",
    headers: [],
    redacted: false,
  },
  ...[
    { content: { type: "text", text: '{"tool":"é"}' }, omitted: null } as const,
    { content: { type: "binary", bytes: Uint8Array.of(0, 255) }, omitted: null } as const,
    { content: null, omitted: "larger than 1048576 bytes" },
  ].map((body): NewEntry => ({
    ...body,
    kind: "http-body",
    atMs: 0.875,
    wallMs: 1_795_403_421_001,
    connection: 1,
    from: "gateway",
    sizeBytes: 13,
    redacted: body.omitted === null,
  })),
  textEntry('{"type":"event","event":"é","payload":"\\ud83e\\udd9e 🦞"}', 1.001),
  { ...textEntry("", 1.002), from: "gateway", redacted: true },
  ...(["binary", "ping", "pong"] as const).map((type, index): NewEntry => ({
    kind: "message",
    atMs: 2 + index,
    wallMs: 1_795_403_421_002,
    connection: 2,
    from: "gateway",
    message: { type, bytes: Uint8Array.of(0, 255, index) },
    sizeBytes: 3,
    redacted: false,
  })),
  ...[null, 1008].map((code): NewEntry => ({
    kind: "message",
    atMs: 6,
    wallMs: 1_795_403_420_000,
    connection: 2,
    from: "gateway",
    message: { type: "close", code, reason: code === null ? "" : "no" },
    sizeBytes: code === null ? 0 : 4,
    redacted: false,
  })),
  {
    kind: "undecodable",
    atMs: 7,
    wallMs: 1_795_403_421_007,
    connection: 2,
    from: "client",
    reason: "RSV2 is set",
    sizeBytes: 7,
    bytes: Uint8Array.of(1, 2),
  },
  {
    kind: "closed",
    atMs: 8,
    wallMs: 1_795_403_421_008,
    connection: 2,
    by: "tap",
    how: "unreachable",
    error: "ECONNREFUSED",
  },
  {
    kind: "closed",
    atMs: 9,
    wallMs: 1_795_403_421_009,
    connection: 1,
    by: "gateway",
    how: "fin",
    error: null,
  },
];

/** A folder of its own, removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Everything in a recording, in order. */
export async function readAll(reader: RecordingReader): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return entries;
}

/** An event of the Gateway with that payload. */
export function eventFrame(payload: unknown): string {
  return JSON.stringify({ type: "event", event: "chat", payload, seq: 7 });
}

/** The entries as they come to who does not ask for the texts of messages. */
export async function readDeferred(reader: RecordingReader): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const block of reader.blocks({ deferTexts: true })) entries.push(...block);
  return entries;
}
