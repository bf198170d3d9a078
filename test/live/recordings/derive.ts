import { z } from "zod";
import { decodeValue, encodeValue } from "../../../src/recording/msgpack.ts";
import {
  BLOCK_HEADER_BYTES,
  decodeBlockHeader,
  encodeBlockHeader,
  FORMAT_VERSION,
  MAGIC,
} from "../../../src/recording/format.ts";

const headerSchema = z.looseObject({
  formatVersion: z.literal(FORMAT_VERSION),
  toolVersion: z.string(),
});

/** The same recording as a later gw-trace would write it: another format version in both header blocks, all else alike. */
export function fromTheFuture(recording: Buffer): Buffer {
  const future = Buffer.from(recording);
  let offset = MAGIC.length;
  for (let copy = 0; copy < 2; copy += 1) {
    const block = decodeBlockHeader(future, offset);
    if (block?.type !== "header" || block.codec !== "raw") throw new Error("no raw header block");
    const start = offset + BLOCK_HEADER_BYTES;
    const end = start + block.payloadBytes;
    const header = headerSchema.parse(decodeValue(future.subarray(start, end)));
    // The index holds offsets, so nothing may move: the later tool's version is as long as ours.
    const later = {
      formatVersion: FORMAT_VERSION + 1,
      toolVersion: `9${header.toolVersion.slice(1)}`,
    };
    const payload = encodeValue({ ...header, ...later });
    if (payload.length !== block.payloadBytes) throw new Error("the header changed its size");
    encodeBlockHeader({ ...block, inflatedBytes: payload.length }, payload).copy(future, offset);
    payload.copy(future, start);
    offset = end;
  }
  return future;
}

/** The same recording as a recorder leaves it that is killed while it writes: cut in the middle of a block, without index and end. */
export function cutShort(recording: Buffer): Buffer {
  return recording.subarray(0, Math.floor(recording.length * 0.7));
}
