import { createRandom } from "./random.mjs";
import { frame, UPGRADE_REQUEST, upgradeResponse } from "../wire/frames.ts";

/** What a packet capture made for a test holds. */
export interface CapturePlan {
  /** How many connections say GET and no more. */
  readonly connections?: number;
  /** What the Gateway of one more connection says, in messages of so many characters. */
  readonly text?: string;
  readonly perMessage?: number;
  /** How many bytes of it each packet carries, and how those packets stand. */
  readonly segmentBytes?: number;
  readonly order?: "reversed" | "shuffled" | "repeated";
}

const [FIN, SYN, PUSH, ACK] = [1, 2, 8, 16];

/** Makes a pcap file of raw IPv4 (https://www.tcpdump.org/linktypes.html, 101). */
export function tcpCapture(plan: CapturePlan): Buffer {
  const packets = [fileHead()];
  let microseconds = 0;
  const add = (client: number, isClient: boolean, sequence: number, flags: number, payload: Uint8Array) => {
    microseconds += 1;
    packets.push(packet({ client, isClient, sequence, flags, payload, microseconds }));
  };
  const nothing = Buffer.alloc(0);
  for (let client = 1; client <= (plan.connections ?? 0); client++) {
    add(client, true, 0, SYN, nothing);
    add(client, true, 1, PUSH | ACK, Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  }
  if (plan.text === undefined) return Buffer.concat(packets);
  add(0, true, 0, SYN, nothing);
  add(0, false, 0, SYN | ACK, nothing);
  add(0, true, 1, PUSH | ACK, UPGRADE_REQUEST);
  const said = framesOf(plan.text, plan.perMessage ?? 100);
  for (const [start, end] of segments(said.length, plan))
    add(0, false, 1 + start, PUSH | ACK, said.subarray(start, end));
  add(0, false, 1 + said.length, FIN | ACK, nothing);
  add(0, true, 1 + UPGRADE_REQUEST.length, FIN | ACK, nothing);
  return Buffer.concat(packets);
} // prettier-ignore

function framesOf(text: string, perMessage: number): Buffer {
  const frames = [upgradeResponse()];
  for (let at = 0; at < text.length; at += perMessage)
    frames.push(frame(text.slice(at, at + perMessage)));
  return Buffer.concat(frames);
}

function segments(
  sizeBytes: number,
  { segmentBytes = 1000, order }: CapturePlan,
): readonly (readonly [start: number, end: number])[] {
  const all = Array.from({ length: Math.ceil(sizeBytes / segmentBytes) }, (_, index) => {
    const start = index * segmentBytes;
    return [start, Math.min(sizeBytes, start + segmentBytes)] as const;
  });
  if (order === undefined) return all;
  if (order === "reversed") return all.toReversed();
  // Each segment once, but the first ones again and again.
  if (order === "repeated") return all.flatMap((one, index) => (index % 2 === 0 ? [one, all[index % 100] ?? one] : [one]));
  const random = createRandom(3);
  return all
    .map((one) => ({ one, place: random() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ one }) => one);
} // prettier-ignore

function fileHead(): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(0xffff, 16);
  head.writeUInt32LE(101, 20);
  return head;
}

interface PacketPlan {
  readonly client: number;
  readonly isClient: boolean;
  readonly sequence: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly microseconds: number;
}

function packet({ client, isClient, sequence, flags, payload, microseconds }: PacketPlan): Buffer {
  const made = Buffer.alloc(16 + 40 + payload.length);
  const length = 40 + payload.length;
  made.writeUInt32LE(1_795_435_200 + Math.floor(microseconds / 1e6), 0);
  made.writeUInt32LE(microseconds % 1e6, 4);
  made.writeUInt32LE(length, 8);
  made.writeUInt32LE(length, 12);
  const clientHost = [10, (client >> 16) & 255, (client >> 8) & 255, client & 255];
  const gatewayHost = [10, 255, 0, 1];
  made.set([0x45, 0, length >> 8, length & 255, 0, 0, 0, 0, 64, 6, 0, 0], 16);
  made.set(isClient ? [...clientHost, ...gatewayHost] : [...gatewayHost, ...clientHost], 28);
  made.writeUInt16BE(isClient ? 5000 : 18789, 36);
  made.writeUInt16BE(isClient ? 18789 : 5000, 38);
  made.writeUInt32BE(sequence, 40);
  made.set([0x50, flags], 48);
  made.set(payload, 56);
  return made;
}
