import { Buffer } from "node:buffer";
import { isJsonObject } from "../../gateway/json-object.ts";
import type { MessageEntry } from "../../recording/entry.ts";
import type { Message, Side } from "../../wire/message.ts";

/**
 * A WebSocket message of a HAR, as Chrome, Playwright and mitmproxy write it. `data` is text for opcode 1 and base64 for all others.
 * Chrome and mitmproxy write `time` in seconds, Playwright in milliseconds since the Unix epoch; Playwright writes -1 for none.
 */
export interface HarMessage {
  readonly type: "send" | "receive";
  readonly time: number;
  readonly opcode: number;
  readonly data: string;
  /** gw-trace's own, where it is true. */
  readonly _redacted?: true;
  /** gw-trace's own, where it is not that of `data`. */
  readonly _sizeBytes?: number;
}

/** The opcodes of RFC 6455, section 5.2. */
const OPCODES = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Writes a message; `timeSeconds` is since the Unix epoch. */
export function encodeHarMessage(entry: MessageEntry, timeSeconds: number): HarMessage {
  const { message, from, redacted, sizeBytes } = entry;
  return {
    type: from === "client" ? "send" : "receive",
    time: timeSeconds,
    opcode: OPCODES[message.type],
    data: dataOf(message),
    ...(redacted ? { _redacted: true } : {}),
    ...(sizeBytes === payloadBytes(message) ? {} : { _sizeBytes: sizeBytes }),
  };
}

function dataOf(message: Message): string {
  if (message.type === "text") return message.text;
  return Buffer.from(message.type === "close" ? closeBody(message) : message.bytes).toString(
    "base64",
  );
}

/** RFC 6455, section 5.5.1: two bytes of code, then the reason. */
function closeBody({ code, reason }: Extract<Message, { type: "close" }>): Buffer {
  if (code === null) return Buffer.alloc(0);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code & 0xffff);
  return Buffer.concat([head, Buffer.from(reason)]);
}

/** A message of a HAR, read. */
export interface DecodedHarMessage {
  readonly from: Side;
  /** In the unit of its writer; not positive when there is none. */
  readonly time: number;
  readonly message: Message;
  readonly sizeBytes: number;
  readonly redacted: boolean;
}

/** Reads a message, or says what is wrong with it. Never throws. */
export function decodeHarMessage(value: unknown): DecodedHarMessage | string {
  const fields = isJsonObject(value) ? value : {};
  const { type, opcode = OPCODES.text, data = "", time, _sizeBytes: sizeBytes } = fields;
  // Chrome puts the errors of a socket between its messages.
  if (type === "error") return "an error of the socket, not a message";
  if (type !== "send" && type !== "receive") return "neither sent nor received";
  if (typeof opcode !== "number" || typeof data !== "string") return "it has no opcode or no data";
  const message = messageOf(opcode, data);
  if (message === null) return `opcode ${opcode} is not known`;
  return {
    from: type === "send" ? "client" : "gateway",
    time: typeof time === "number" ? time : -1,
    message,
    sizeBytes: isCount(sizeBytes) ? sizeBytes : payloadBytes(message),
    redacted: fields["_redacted"] === true,
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function messageOf(opcode: number, data: string): Message | null {
  if (opcode === OPCODES.text) return { type: "text", text: data };
  const bytes = Buffer.from(data, "base64");
  if (opcode === OPCODES.close) {
    return bytes.length < 2
      ? { type: "close", code: null, reason: "" }
      : { type: "close", code: bytes.readUInt16BE(0), reason: bytes.toString("utf8", 2) };
  }
  for (const type of ["binary", "ping", "pong"] as const) {
    if (opcode === OPCODES[type]) return { type, bytes: new Uint8Array(bytes) };
  }
  return null;
}

/** The size of a message's payload on the wire. */
function payloadBytes(message: Message): number {
  if (message.type === "text") return Buffer.byteLength(message.text);
  if (message.type !== "close") return message.bytes.length;
  return message.code === null ? 0 : 2 + Buffer.byteLength(message.reason);
}
