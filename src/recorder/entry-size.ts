import type { Message } from "../wire/message.ts";
import type { NewEntry } from "../recording/entry.ts";

/** What an entry takes beyond its texts and bytes, at most. */
export const ENTRY_OVERHEAD_BYTES = 128;

/** What an entry takes in its block, at most, as far as that can be said without packing it. */
export function entryBytes(entry: NewEntry): number {
  switch (entry.kind) {
    case "message":
      return ENTRY_OVERHEAD_BYTES + contentBytes(entry.message);
    case "http-request":
      return (
        ENTRY_OVERHEAD_BYTES + textBytes([entry.method, entry.target, ...entry.headers.flat()])
      );
    case "http-response":
      return ENTRY_OVERHEAD_BYTES + textBytes([entry.reason, ...entry.headers.flat()]);
    case "http-body":
      return (
        ENTRY_OVERHEAD_BYTES +
        textBytes([entry.omitted ?? ""]) +
        (entry.content === null ? 0 : contentBytes(entry.content))
      );
    case "undecodable":
      return ENTRY_OVERHEAD_BYTES + textBytes([entry.reason]) + entry.bytes.length;
    case "opened":
    case "closed":
    case "gap":
      return ENTRY_OVERHEAD_BYTES;
  }
}

function contentBytes(message: Message): number {
  if (message.type === "text") return Buffer.byteLength(message.text);
  return message.type === "close" ? textBytes([message.reason]) : message.bytes.length;
}

/** Five bytes more for each is what msgpack needs at most to say how long it is. */
function textBytes(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 5, 0);
}
