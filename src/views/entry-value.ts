import { isTooLargeAsJson, parseJson } from "../gateway/parse-json.ts";
import type { Entry } from "../recording/entry.ts";
import type { Message } from "../wire/message.ts";

const TEXT_LINE = 100;
const BYTES_LINE = 16;
const MAX_LINES = 4096;

/** What can be unfolded of an entry: the parsed JSON of a message, or else the entry's own fields. */
export function entryValue(entry: Entry): unknown {
  switch (entry.kind) {
    case "message":
      return messageValue(entry.message);
    case "http-body":
      return entry.content === null ? withoutTimes(entry) : messageValue(entry.content);
    case "undecodable":
      return { ...withoutTimes(entry), bytes: bytesLines(entry.bytes) };
    case "opened":
    case "http-request":
    case "http-response":
    case "closed":
    case "gap":
      return withoutTimes(entry);
  }
}

/** The bytes of an entry as lines of hex; null where it holds none. Long ones are cut. */
export function entryBytes(entry: Entry): readonly string[] | null {
  if (entry.kind === "undecodable") return bytesLines(entry.bytes);
  const message = entry.kind === "http-body" ? entry.content : messageOf(entry);
  if (message === null) return null;
  switch (message.type) {
    case "text":
      return bytesLines(Buffer.from(message.text));
    case "binary":
    case "ping":
    case "pong":
      return bytesLines(message.bytes);
    case "close":
      return bytesLines(Buffer.from(message.reason));
  }
}

function messageOf(entry: Entry): Message | null {
  return entry.kind === "message" ? entry.message : null;
}

function messageValue(message: Message): unknown {
  switch (message.type) {
    case "text":
      return textValue(message.text);
    case "binary":
    case "ping":
    case "pong":
      return { type: message.type, bytes: bytesLines(message.bytes) };
    case "close":
      return { type: "close", code: message.code, reason: message.reason };
  }
}

function textValue(text: string): unknown {
  const value = parseJson(text);
  if (value !== undefined) return value;
  const why = isTooLargeAsJson(text) ? "too large to be read as JSON" : "not JSON";
  return { [why]: linesOf(text.length, TEXT_LINE, (at) => text.slice(at, at + TEXT_LINE)) };
}

function bytesLines(bytes: Uint8Array): readonly string[] {
  return linesOf(bytes.length, BYTES_LINE, (at) => hexLine(bytes, at));
}

function linesOf(length: number, step: number, lineAt: (at: number) => string): readonly string[] {
  const count = Math.min(Math.ceil(length / step), MAX_LINES);
  const lines = Array.from({ length: count }, (_, index) => lineAt(index * step));
  return count * step >= length ? lines : [...lines, `${length - count * step} more not shown`];
}

function hexLine(bytes: Uint8Array, at: number): string {
  const part = bytes.subarray(at, at + BYTES_LINE);
  const hex = Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const ascii = Array.from(part, (byte) =>
    byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : ".",
  ).join("");
  return `${at.toString(16).padStart(6, "0")}  ${hex.padEnd(BYTES_LINE * 3)} ${ascii}`;
}

function withoutTimes(entry: Entry): Readonly<Record<string, unknown>> {
  const hidden = new Set(["entry", "atMs", "wallMs", "connection"]);
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !hidden.has(name)));
}
