import { Buffer } from "node:buffer";
import type { Message } from "../wire/message.ts";

/** The size of a message's payload on the wire, in bytes. */
export function payloadBytes(message: Message): number {
  if (message.type === "text") return Buffer.byteLength(message.text);
  if (message.type !== "close") return message.bytes.length;
  return message.code === null ? 0 : 2 + Buffer.byteLength(message.reason);
}
