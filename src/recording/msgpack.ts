// The halves of msgpackr that use no native addon.
import { Packr } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";

const packr = new Packr({ useRecords: false, moreTypes: false });
const unpackr = new Unpackr({ useRecords: false, moreTypes: false });

/** Packs any plain value. */
export function encodeValue(value: unknown): Buffer {
  return packr.pack(value);
}

/** Unpacks one value; undefined when the bytes are no msgpack, or more than one value. */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch {
    return undefined;
  }
}
