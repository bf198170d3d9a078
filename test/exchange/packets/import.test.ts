import { readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GwTraceError } from "../../../src/errors.ts";
import { readPackets, type Packet } from "../../../src/exchange/packets/file.ts";
import { parsePackets } from "../../../src/exchange/packets/import.ts";
import { readSegment } from "../../../src/exchange/packets/tcp-segment.ts";
import type { NewEntry } from "../../../src/recording/entry.ts";
import { openRecording } from "../../../src/recording/reader.ts";
import { createRedactor } from "../../../src/redaction/redaction.ts";
import { readAll } from "../../recording/sample.ts";

/*
 * Two connections to the tap before a replayed Gateway, as dumpcap 4.0 captured them on a loopback interface, and as the tap recorded
 * them. The token in the capture is that of a Gateway which is gone.
 */
const FIXTURES = path.resolve(import.meta.dirname, "../fixtures");
const CAPTURE = readFileSync(path.join(FIXTURES, "sessions-spawn.pcapng"));
const PACKETS = [...readPackets(CAPTURE)];

/** Writes a classic pcap file. */
function pcap(
  packets: readonly Packet[],
  { isLittle = true, isNano = false }: { isLittle?: boolean; isNano?: boolean } = {},
): Buffer {
  const numbers = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [index, value] of values.entries())
      if (isLittle) bytes.writeUInt32LE(value, index * 4);
      else bytes.writeUInt32BE(value, index * 4);
    return bytes;
  };
  const head = numbers(isNano ? 0xa1b23c4d : 0xa1b2c3d4, isLittle ? 0x0004_0002 : 0x0002_0004, 0, 0, 65_535, packets[0]?.linkType ?? 1);
  const written = packets.map(({ wallMs, bytes }) => {
    const micros = Math.round(wallMs * 1000);
    const rest = (micros % 1e6) * (isNano ? 1000 : 1);
    return Buffer.concat([numbers(Math.floor(micros / 1e6), rest, bytes.length, bytes.length), bytes]);
  });
  return Buffer.concat([head, ...written]);
} // prettier-ignore

/** What was said, redacted, without what differs between two recordings of the same: clocks, numbers and digests. */
function told(entries: readonly NewEntry[]): readonly string[] {
  const redactor = createRedactor("credentials");
  return entries.map((entry) => {
    const { atMs: _at, wallMs: _wall, ...fields } = redactor.redact(entry);
    const ordered = Object.entries({ ...fields, entry: 0, peerAddress: 0, gatewayAddress: 0 });
    const text = JSON.stringify(ordered.toSorted(([left], [right]) => (left < right ? -1 : 1)));
    return text.replaceAll(/<redacted:(\w+):\w+>/g, "<redacted:$1>");
  });
}

const whole = (await parsePackets(CAPTURE, "x")).entries;

test("a packet capture is what was recorded, entry by entry, and redacted alike", async () => {
  await using reader = await openRecording(path.join(FIXTURES, "sessions-spawn.gwtrace"));
  const recorded = await readAll(reader);
  const { header, remarks } = await parsePackets(CAPTURE, "x");
  expect(told(whole)).toEqual(told(recorded));
  expect(told(whole).join("\n")).not.toContain("gw-trace-live-shared-token");
  expect(header).toMatchObject({ source: "import", upstream: "ws://127.0.0.1:18791" });
  expect(remarks).toMatchObject({ skipped: 0, problems: [], notes: [] });
});

test.each([[{}], [{ isLittle: false }], [{ isNano: true }], [{ isLittle: false, isNano: true }]])(
  "classic pcap gives the same: %j",
  async (kind) => {
    const { entries } = await parsePackets(pcap(PACKETS, kind), "x");
    expect(entries).toEqual(whole);
  },
);

/** The data that a packet carries; null for none. */
function payloadOf(packet: Packet): string | null {
  const segment = readSegment(packet);
  if (segment === null || segment.payloadBytes === 0) return null;
  return segment.payload.toString("latin1");
}

/** Cuts a packet of an Ethernet frame, IPv4 and TCP in two, as a router with smaller packets would have it. */
function split(packet: Packet, at: number): readonly Packet[] {
  const size = readSegment(packet)?.payloadBytes ?? 0;
  if (at <= 0 || at >= size) return [packet];
  const headBytes = packet.bytes.length - size;
  const part = (from: number, to: number): Packet => {
    const { bytes } = packet;
    const made = Buffer.concat([
      bytes.subarray(0, headBytes),
      bytes.subarray(headBytes + from, headBytes + to),
    ]);
    made.writeUInt16BE(made.length - 14, 16);
    const tcpAt = 14 + (made.readUInt8(14) & 15) * 4;
    made.writeUInt32BE((made.readUInt32BE(tcpAt + 4) + from) >>> 0, tcpAt + 4);
    return { ...packet, bytes: made };
  };
  return [part(0, at), part(at, size)];
}

test("packets in pieces, in another order, twice and overlapping change nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat({ max: 600 })), async (chosen) => {
      const next = (): number => chosen.next().value ?? 0;
      const packets = PACKETS.flatMap((packet) => {
        if (payloadOf(packet) === null) return [packet];
        const pieces = split(packet, next()).flatMap((piece) => split(piece, next()));
        const again = next() % 3 === 0 ? [packet] : [];
        return [...pieces, ...again].toSorted(() => next() - 300);
      });
      const { entries } = await parsePackets(pcap(packets), "x");
      expect(entries).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test("where the capture lost packets, it says so, and tells what came before", async () => {
  const later = PACKETS.filter((packet) => !/^(?:$|GET|HTTP)/.test(payloadOf(packet) ?? ""));
  expect(later.length).toBeGreaterThan(5);
  for (const lost of later) {
    const { entries } = await parsePackets(pcap(PACKETS.filter((packet) => packet !== lost)), "x");
    const holes = entries.filter(({ kind }) => kind === "undecodable");
    expect(holes).toMatchObject([{ reason: "the packet capture lacks bytes here" }]);
    const kept = told(entries.filter(({ kind }) => kind !== "undecodable"));
    expect(kept.filter((line) => !told(whole).includes(line))).toEqual([]);
    expect(kept.length).toBeLessThan(whole.length);
  }
});

describe("what cannot be read", () => {
  test("TLS is named as such", async () => {
    const packets = PACKETS.map((packet) => {
      const segment = readSegment(packet);
      const bytes = Buffer.from(packet.bytes);
      if (segment !== null && segment.payloadBytes > 0)
        bytes.writeUInt16BE(0x1603, bytes.length - segment.payloadBytes);
      return { ...packet, bytes };
    });
    await expect(parsePackets(pcap(packets), "x.pcap")).rejects.toThrow(
      "x.pcap holds no connection to a Gateway that can be read; left out: 2 connections over TLS, which nobody can read without its keys",
    );
  });

  test("whatever stands in the file, it is read as far as it goes or refused in one sentence", async () => {
    const outcomeOf = (file: Buffer): Promise<string> =>
      parsePackets(file, "x").then(
        () => "read",
        (error: unknown) => (error instanceof GwTraceError ? error.code : String(error)),
      );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(CAPTURE, pcap(PACKETS)),
        fc.array(fc.tuple(fc.nat({ max: 30_000 }), fc.nat({ max: 255 })), { maxLength: 20 }),
        fc.nat({ max: 30_000 }),
        async (file, changes, length) => {
          const bytes = Buffer.from(file);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          for (const part of [bytes.subarray(0, Math.max(4, length)), bytes])
            expect(await outcomeOf(part)).toMatch(/^(?:read|NOT_A_RECORDING)$/);
        },
      ),
      { numRuns: 100 },
    );
  });
});
