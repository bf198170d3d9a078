import type { Buffer } from "node:buffer";
import type { Packet } from "./file.ts";

/** A TCP segment, as far as it was captured. */
export interface Segment {
  readonly wallMs: number;
  /** `host:port`. */
  readonly source: string;
  readonly destination: string;
  readonly sequence: number;
  readonly syn: boolean;
  readonly ack: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  readonly payload: Buffer;
  /** The size of the payload as it was sent; more than there is where the capture cut packets. */
  readonly payloadBytes: number;
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
const VLAN = new Set([0x8100, 0x88a8]);
const TCP = 6;
/** IPv6 extension headers that say how long they are: hop by hop, routing, destination options. */
const EXTENSIONS = new Set([0, 43, 60]);

/** Finds the TCP segment in a packet; null when it holds none, or only a fragment of one. Never throws. */
export function readSegment({ wallMs, linkType, bytes }: Packet): Segment | null {
  try {
    const at = networkAt(linkType, bytes);
    if (at === null) return null;
    const version = bytes.readUInt8(at) >> 4;
    if (version === 4) return readIpv4(wallMs, bytes, at);
    return version === 6 ? readIpv6(wallMs, bytes, at) : null;
  } catch (error) {
    // A header was cut: reading beyond the end is the one thing that throws here.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Where the IP header begins. */
function networkAt(linkType: number, bytes: Buffer): number | null {
  switch (linkType) {
    // BSD loopback: the protocol family in four bytes.
    case 0:
    case 108:
      return 4;
    case 1:
      return afterEtherType(bytes, 12);
    // Raw IP, as different systems number it.
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return 0;
    // "Linux cooked", as `-i any` captures.
    case 113:
      return isIp(bytes.readUInt16BE(14)) ? 16 : null;
    case 276:
      return isIp(bytes.readUInt16BE(0)) ? 20 : null;
    default:
      return null;
  }
}

function afterEtherType(bytes: Buffer, at: number): number | null {
  const type = bytes.readUInt16BE(at);
  if (VLAN.has(type)) return afterEtherType(bytes, at + 4);
  return isIp(type) ? at + 2 : null;
}

function isIp(etherType: number): boolean {
  return etherType === IPV4 || etherType === IPV6;
}

function readIpv4(wallMs: number, bytes: Buffer, at: number): Segment | null {
  const isFragment = (bytes.readUInt16BE(at + 6) & 0x3fff) !== 0;
  if (bytes.readUInt8(at + 9) !== TCP || isFragment) return null;
  // Segmentation in the network card leaves the length at zero.
  const end = at + (bytes.readUInt16BE(at + 2) || bytes.length - at);
  const address = (from: number) => [...bytes.subarray(from, from + 4)].join(".");
  const tcpAt = at + (bytes.readUInt8(at) & 0x0f) * 4;
  return readTcp(wallMs, bytes, tcpAt, end, address(at + 12), address(at + 16));
}

function readIpv6(wallMs: number, bytes: Buffer, at: number): Segment | null {
  const end = at + 40 + (bytes.readUInt16BE(at + 4) || bytes.length - at - 40);
  let next = bytes.readUInt8(at + 6);
  let tcpAt = at + 40;
  while (EXTENSIONS.has(next)) {
    next = bytes.readUInt8(tcpAt);
    tcpAt += 8 + bytes.readUInt8(tcpAt + 1) * 8;
  }
  if (next !== TCP) return null;
  return readTcp(wallMs, bytes, tcpAt, end, ipv6At(bytes, at + 8), ipv6At(bytes, at + 24));
}

function ipv6At(bytes: Buffer, from: number): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    bytes.readUInt16BE(from + index * 2).toString(16),
  );
  // The URL parser knows how to write one (RFC 5952).
  return new URL(`http://[${groups.join(":")}]`).hostname;
}

function readTcp(
  wallMs: number,
  bytes: Buffer,
  at: number,
  end: number,
  source: string,
  destination: string,
): Segment {
  const flags = bytes.readUInt8(at + 13);
  const payloadAt = at + (bytes.readUInt8(at + 12) >> 4) * 4;
  return {
    wallMs,
    source: `${source}:${bytes.readUInt16BE(at)}`,
    destination: `${destination}:${bytes.readUInt16BE(at + 2)}`,
    sequence: bytes.readUInt32BE(at + 4),
    fin: (flags & 0x01) !== 0,
    syn: (flags & 0x02) !== 0,
    rst: (flags & 0x04) !== 0,
    ack: (flags & 0x10) !== 0,
    payload: bytes.subarray(payloadAt, end),
    payloadBytes: Math.max(0, end - payloadAt),
  };
}
