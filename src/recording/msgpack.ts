// The halves of msgpackr that use no native addon.
import { Packr } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";

/** Values that one block may hold, those inside of others counted. What a recorder writes has a third of that at most. */
export const MAX_VALUES = 1_000_000;

/** A list stands in a tuple, and a tuple in the list that is the block. */
const MAX_DEPTH = 8;

const packr = new Packr({ useRecords: false, moreTypes: false });
const unpackr = new Unpackr({ useRecords: false, moreTypes: false });

/** The packer takes up to four times the room that it needs. It gets the same again and again, unless that is more than this. */
const MAX_ROOM_BYTES = 2 * 1024 * 1024;

let room = Buffer.allocUnsafeSlow(64 * 1024);
packr.useBuffer(room);

/** Packs any plain value. */
export function encodeValue(value: unknown): Buffer {
  const packed = packr.pack(value);
  const { buffer } = packed;
  if (buffer !== room.buffer && buffer.byteLength <= MAX_ROOM_BYTES) room = Buffer.from(buffer);
  // What one large value took, it does not hold for good.
  packr.useBuffer(room);
  return Buffer.from(packed);
}

/**
 * Unpacks one value; undefined when the bytes are no msgpack, or more than one value, or hold more values, or deeper ones, than any
 * recording does: a forged block of 90 kB may ask for 5 GB.
 */
export function decodeValue(bytes: Buffer): unknown {
  if (!isBounded(bytes)) return undefined;
  try {
    return unpackr.unpack(bytes);
  } catch {
    return undefined;
  }
}

/** Walks over all values by what they say of their size, before anything is made of them. */
function isBounded(bytes: Buffer): boolean {
  const end = bytes.length;
  // How many values are still to come in each list around the one that is read.
  const around: number[] = [];
  let left = 1;
  let total = 1;
  let at = 0;
  while (at < end) {
    left -= 1;
    const head = bytes[at] ?? 0;
    const inner = head > 0x7f && head < 0xe0 ? countInner(bytes, head, at) : 0;
    at += sizeOf(bytes, head, at);
    if (inner > 0) {
      total += inner;
      if (total > MAX_VALUES || inner > end - at || around.length === MAX_DEPTH) return false;
      around.push(left);
      left = inner;
    }
    while (left === 0) {
      const outer = around.pop();
      if (outer === undefined) return at === end;
      left = outer;
    }
  }
  return false;
}

/** How many values are inside of the one at `at`. */
function countInner(bytes: Buffer, head: number, at: number): number {
  if (head < 0x90) return (head & 0x0f) * 2;
  if (head < 0xa0) return head & 0x0f;
  if (head < 0xdc) return 0;
  const count = readCount(bytes, at + 1, head === 0xdc || head === 0xde ? 2 : 4);
  return head >= 0xde ? count * 2 : count;
}

/** The bytes of a value, what is inside of it aside; endless for one that no recording holds. */
function sizeOf(bytes: Buffer, head: number, at: number): number {
  if (head < 0xa0 || head > 0xdf) return 1;
  if (head < 0xc0) return 1 + (head & 0x1f);
  // That nothing is there is said by the shortest of extensions.
  if (head === 0xd4) return bytes[at + 1] === 0 ? 3 : Infinity;
  const fixed = SIZES[head - 0xc0] ?? -1;
  if (fixed !== 0) return fixed > 0 ? fixed : Infinity;
  // Texts and bytes of three kinds each, by how many bytes tell their length.
  const width = 1 << (head < 0xd9 ? head - 0xc4 : head - 0xd9);
  return 1 + width + readCount(bytes, at + 1, width);
}

function readCount(bytes: Buffer, at: number, width: number): number {
  let count = 0;
  for (let index = at; index < at + width; index += 1) count = count * 256 + (bytes[index] ?? 0);
  return count;
}

/** Sizes of the values whose heads are c0 to df; 0 where a length follows, -1 for those that no recording holds. */
const SIZES: readonly number[] = [
  1, -1, 1, 1, 0, 0, 0, -1, -1, -1, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9, -1, -1, -1, -1, -1, 0, 0, 0, 3, 5,
  3, 5,
];
