import { deflateRawSync } from "node:zlib";
import { encodeBlockHeader, MAGIC, type BlockFacts } from "../../src/recording/format.ts";
import { encodeValue } from "../../src/recording/msgpack.ts";

/** What a recording's first block says. */
export const FORGED_HEADER = {
  formatVersion: 1,
  toolVersion: "0.1.0",
  source: "tap",
  startedAt: "2026-12-01T01:23:15.701Z",
  upstream: "ws://127.0.0.1:18789",
  listen: "127.0.0.1:18777",
  redaction: "credentials",
  replayOf: [],
};

/** A block whose checksums hold, whatever stands in it; `payload` as stored. */
export function forgeBlock(facts: Partial<BlockFacts>, payload: Uint8Array): Buffer {
  const header = encodeBlockHeader(
    {
      fileId: 7,
      type: "entries",
      codec: "raw",
      startsWithGap: false,
      inflatedBytes: payload.length,
      entryCount: 1,
      firstEntry: 1,
      firstAtMs: 0,
      lastAtMs: 0,
      ...facts,
    },
    payload,
  );
  return Buffer.concat([header, payload]);
}

/** The same, deflated as far as it goes. */
export function forgeDeflated(facts: Partial<BlockFacts>, payload: Uint8Array): Buffer {
  const stored = deflateRawSync(payload, { level: 9 });
  return forgeBlock({ codec: "deflate", inflatedBytes: payload.length, ...facts }, stored);
}

/** An entries block of these tuples, deflated. */
export function forgeEntries(tuples: readonly unknown[], firstEntry = 1): Buffer {
  return forgeDeflated({ entryCount: tuples.length, firstEntry }, encodeValue(tuples));
}

/** A recording of these blocks. */
export function forgeRecording(...blocks: readonly Uint8Array[]): Buffer {
  const header = forgeBlock({ type: "header", entryCount: 0 }, encodeValue(FORGED_HEADER));
  return Buffer.concat([MAGIC, header, header, ...blocks]);
}

/** The tuple of a text message. */
export function forgeText(from: "client" | "gateway", text: string, connection = 1): unknown[] {
  const side = from === "client" ? 0 : 1;
  return [3, 1000, 1000, connection, false, side, Buffer.byteLength(text), 0, text];
}

/** The tuples of a connection that is open and speaks WebSocket. */
export function forgeOpening(connection = 1): unknown[] {
  return [
    [0, 1000, 1000, connection, "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"],
    [1, 1000, 1000, connection, false, "GET", "/", ["Upgrade", "websocket"]],
    [2, 1000, 1000, connection, false, 101, "Switching Protocols", []],
  ];
}
