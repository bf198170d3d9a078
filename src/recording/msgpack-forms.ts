/*
 * The few forms of msgpack that the bulk of a recording is made of, written straight to where they belong. For all others, and for
 * reading, there is msgpackr; what these write it reads.
 */

const FLOAT_64 = 0xcb;
const UNSIGNED_8 = 0xcc;
const UNSIGNED_16 = 0xcd;
const UNSIGNED_32 = 0xce;
const TEXT_UP_TO_31 = 0xa0;
const TEXT_8 = 0xd9;
const TEXT_16 = 0xda;
const TEXT_32 = 0xdb;
const ARRAY_32 = 0xdd;

/** Writes the head of an array of so many values to the first five bytes. */
export function writeArrayHead(bytes: Buffer, length: number): void {
  bytes[0] = ARRAY_32;
  bytes.writeUInt32BE(length, 1);
}

/** Writes a whole number; says where it ends. */
export function writeInteger(bytes: Buffer, at: number, value: number): number {
  if (value >= 0 && value < 0x80) {
    bytes[at] = value;
    return at + 1;
  }
  if (value >= 0 && value < 0x1_0000_0000) return writeUnsigned(bytes, at, value);
  // Whatever is beyond, a time that went backwards for one, is as well a number with a fraction that is none.
  bytes[at] = FLOAT_64;
  return bytes.writeDoubleBE(value, at + 1);
}

function writeUnsigned(bytes: Buffer, at: number, value: number): number {
  if (value < 0x100) {
    bytes[at] = UNSIGNED_8;
    bytes[at + 1] = value;
    return at + 2;
  }
  if (value < 0x1_0000) {
    bytes[at] = UNSIGNED_16;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value;
    return at + 3;
  }
  bytes[at] = UNSIGNED_32;
  return bytes.writeUInt32BE(value, at + 1);
}

/** Writes a text; says where it ends. */
export function writeText(bytes: Buffer, at: number, text: string): number {
  const sizeBytes = Buffer.byteLength(text);
  const start = writeTextHead(bytes, at, sizeBytes);
  bytes.write(text, start, sizeBytes, "utf8");
  return start + sizeBytes;
}

function writeTextHead(bytes: Buffer, at: number, sizeBytes: number): number {
  if (sizeBytes < 32) {
    bytes[at] = TEXT_UP_TO_31 | sizeBytes;
    return at + 1;
  }
  if (sizeBytes < 0x100) {
    bytes[at] = TEXT_8;
    bytes[at + 1] = sizeBytes;
    return at + 2;
  }
  if (sizeBytes < 0x1_0000) {
    bytes[at] = TEXT_16;
    return bytes.writeUInt16BE(sizeBytes, at + 1);
  }
  bytes[at] = TEXT_32;
  return bytes.writeUInt32BE(sizeBytes, at + 1);
}

/** How long the head of the text is that was written at `at`. */
export function textHeadBytes(bytes: Buffer, at: number): number {
  switch (bytes[at]) {
    case TEXT_8:
      return 2;
    case TEXT_16:
      return 3;
    case TEXT_32:
      return 5;
    default:
      return 1;
  }
}
