import { Buffer } from "node:buffer";

/** One packet of a capture file, as far as it was captured. */
export interface Packet {
  /** Milliseconds since the Unix epoch, to the microsecond. */
  readonly wallMs: number;
  /** The link-layer header type (https://www.tcpdump.org/linktypes.html). */
  readonly linkType: number;
  readonly bytes: Buffer;
}

/** Reads 16 and 32 bit numbers in the byte order of the machine that captured. */
interface Numbers {
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
}

/**
 * Reads the packets of a pcap or pcapng file (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng). A file that was cut ends with its
 * last whole packet; what is damaged ends it too. Never throws.
 */
export function* readPackets(file: Buffer): Generator<Packet, void, undefined> {
  if (file.length < 24) return;
  if (file.readUInt32BE(0) === SECTION) yield* readPcapng(file);
  else yield* readPcap(file);
}

function numbersOf(file: Buffer, isLittle: boolean): Numbers {
  return isLittle
    ? { u16: (at) => file.readUInt16LE(at), u32: (at) => file.readUInt32LE(at) }
    : { u16: (at) => file.readUInt16BE(at), u32: (at) => file.readUInt32BE(at) };
}

const NANOSECONDS = new Set([0xa1b23c4d, 0x4d3cb2a1]);

function* readPcap(file: Buffer): Generator<Packet, void, undefined> {
  const magic = file.readUInt32BE(0);
  const { u32 } = numbersOf(file, magic === 0xd4c3b2a1 || magic === 0x4d3cb2a1);
  const perMicro = NANOSECONDS.has(magic) ? 1000 : 1;
  const linkType = u32(20) & 0xffff;
  for (let at = 24; at + 16 <= file.length;) {
    const end = at + 16 + u32(at + 8);
    if (end > file.length) return;
    const wallMs = u32(at) * 1000 + Math.floor(u32(at + 4) / perMicro) / 1000;
    yield { wallMs, linkType, bytes: file.subarray(at + 16, end) };
    at = end;
  }
}

const SECTION = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;

interface Interface {
  readonly linkType: number;
  readonly ticksPerSecond: bigint;
}

function* readPcapng(file: Buffer): Generator<Packet, void, undefined> {
  let numbers = numbersOf(file, true);
  let interfaces: Interface[] = [];
  let lastMs = 0;
  for (let at = 0; at + 12 <= file.length;) {
    // A section says its byte order itself, and begins a list of interfaces of its own.
    if (file.readUInt32BE(at) === SECTION) {
      numbers = numbersOf(file, file.readUInt32BE(at + 8) === 0x4d3c2b1a);
      interfaces = [];
    }
    const type = numbers.u32(at);
    const end = at + numbers.u32(at + 4);
    if (end < at + 12 || end > file.length) return;
    if (type === INTERFACE && end >= at + 20) {
      interfaces.push({
        linkType: numbers.u16(at + 8),
        ticksPerSecond: ticksOf(file, numbers, at, end),
      });
    }
    if (type === ENHANCED_PACKET && end >= at + 32) {
      const from = interfaces[numbers.u32(at + 8)];
      const bytes = file.subarray(at + 28, Math.min(end - 4, at + 28 + numbers.u32(at + 20)));
      // Nanoseconds since 1970 are more than a double holds.
      const ticks = (BigInt(numbers.u32(at + 12)) << 32n) + BigInt(numbers.u32(at + 16));
      if (from !== undefined) {
        const micros = Number((ticks * 1_000_000n) / from.ticksPerSecond);
        // A time that no clock shows says nothing; the order of the packets still does.
        if (Number.isSafeInteger(micros)) lastMs = micros / 1000;
        yield { wallMs: lastMs, linkType: from.linkType, bytes };
      }
    }
    at = end;
  }
}

const END_OF_OPTIONS = 0;
const TIME_RESOLUTION = 9;

/** Microseconds, unless the option `if_tsresol` says otherwise. */
function ticksOf(file: Buffer, { u16 }: Numbers, block: number, end: number): bigint {
  for (let at = block + 16; at + 4 <= end - 4;) {
    const code = u16(at);
    if (code === END_OF_OPTIONS) break;
    if (code === TIME_RESOLUTION) {
      const value = file.readUInt8(at + 4);
      return value < 128 ? 10n ** BigInt(value) : 2n ** BigInt(value - 128);
    }
    at += 4 + Math.ceil(u16(at + 2) / 4) * 4;
  }
  return 1_000_000n;
}
