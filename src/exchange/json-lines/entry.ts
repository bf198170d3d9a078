import { Buffer } from "node:buffer";
import { z } from "zod";
import { isJsonObject, isTooDeep } from "../../gateway/json-object.ts";
import { parseJson } from "../../gateway/parse-json.ts";
import type { Entry, HttpBodyEntry, MessageEntry, NewEntry } from "../../recording/entry.ts";
import type { Headers, Message } from "../../wire/message.ts";
import { escapeJson } from "../../views/printable.ts";
import { isHeadTooLarge, MAX_MS } from "../import-bounds.ts";

/*
 * One entry is one line, a flat JSON object with the fields of entry.ts, and these in place of bytes and messages:
 *
 *   undecodable   base64
 *   http-body     type (null where it was not kept), and by type: text · base64
 *   message       type, and by type: text: frame or text · binary, ping, pong: base64 · close: code, reason
 *
 * `frame` is the JSON object that a text message is, where writing it as JSON gives that very text back; else `text` is the message.
 */

const time = z.number().min(-MAX_MS).max(MAX_MS);
const count = z.int().nonnegative();
const side = z.enum(["client", "gateway"]);
// Looked at as one: of a list of a million things, zod would name a million faults.
const headers = z.custom<Headers>(isHeaders, "no headers, or more than are ever recorded");
const base64 = z.string().refine(isBase64, "no base64");
const head = { headers, redacted: z.boolean() };
const said = {
  from: side,
  text: z.string().optional(),
  base64: base64.optional(),
  sizeBytes: count,
  redacted: z.boolean(),
};

/** A line of that kind. */
function lineOf<Kind extends NewEntry["kind"], Fields extends z.ZodRawShape>(
  kind: Kind,
  fields: Fields,
) {
  const times = { atMs: time, wallMs: time, connection: count };
  return z.object({ kind: z.literal(kind), ...times, ...fields });
}

const lineSchema = z.discriminatedUnion("kind", [
  lineOf("opened", {
    clientAddress: z.string().nullable(),
    peerAddress: z.string().nullable(),
    gatewayAddress: z.string().nullable(),
  }),
  lineOf("http-request", { method: z.string(), target: z.string(), ...head }),
  lineOf("http-response", { status: count, reason: z.string(), ...head }),
  lineOf("http-body", {
    type: z.enum(["text", "binary"]).nullable(),
    omitted: z.string().nullable(),
    ...said,
  }),
  lineOf("message", {
    type: z.enum(["text", "binary", "ping", "pong", "close"]),
    frame: z.unknown().optional(),
    code: count.nullable().optional(),
    reason: z.string().optional(),
    ...said,
  }),
  lineOf("undecodable", { from: side, reason: z.string(), sizeBytes: count, base64 }),
  lineOf("closed", {
    by: z.enum(["client", "gateway", "tap"]),
    how: z.enum(["fin", "reset", "unreachable", "stopped"]),
    error: z.string().nullable(),
  }),
  lineOf("gap", {
    reason: z.string(),
    missingEntries: count,
    missingBytes: count,
    untilMs: time,
  }),
]);

type EntryLine = z.infer<typeof lineSchema>;
type MessageLine = Extract<EntryLine, { kind: "message" }>;
type BodyLine = Extract<EntryLine, { kind: "http-body" }>;

/** Writes an entry as one line of JSON, without the line break. Reading it gives an equal one, and printing it is safe. */
export function encodeEntryLine(entry: Entry): string {
  return escapeJson(encodeRaw(entry));
}

function encodeRaw(entry: Entry): string {
  switch (entry.kind) {
    case "message":
      return encodeMessage(entry);
    case "undecodable": {
      const { bytes, ...fields } = entry;
      return JSON.stringify({ ...fields, base64: toBase64(bytes) });
    }
    case "http-body":
      return encodeBody(entry);
    case "opened":
    case "http-request":
    case "http-response":
    case "closed":
    case "gap":
      return JSON.stringify(entry);
  }
}

function encodeBody({ content, ...fields }: HttpBodyEntry): string {
  if (content === null) return JSON.stringify({ ...fields, type: null });
  if (content.type === "text") return JSON.stringify({ ...fields, ...content });
  return JSON.stringify({ ...fields, type: content.type, base64: toBase64(content.bytes) });
}

function encodeMessage({ message, ...fields }: MessageEntry): string {
  const { type } = message;
  if (type === "text") {
    const start = JSON.stringify({ ...fields, type }).slice(0, -1);
    const content = isPlainFrame(message.text)
      ? `"frame":${message.text}`
      : `"text":${JSON.stringify(message.text)}`;
    return `${start},${content}}`;
  }
  if (type === "close") return JSON.stringify({ ...fields, ...message });
  return JSON.stringify({ ...fields, type, base64: toBase64(message.bytes) });
}

/** True when nothing of a text is lost by parsing it: no spaces, repeated keys or numbers that JavaScript writes otherwise. */
function isPlainFrame(text: string): boolean {
  if (!text.startsWith("{") || isTooDeep(text)) return false;
  const value = parseJson(text);
  return value !== undefined && JSON.stringify(value) === text;
}

/** A line read: the entry, or what is wrong with it. */
export type DecodedLine =
  | { readonly ok: true; readonly entry: NewEntry }
  | { readonly ok: false; readonly why: string };

/** Reads the value of a line as an entry. Fields that it does not know are left out. Never throws. */
export function decodeEntryLine(value: unknown): DecodedLine {
  const parsed = lineSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") ?? "";
    return { ok: false, why: `${where === "" ? "it" : where} is wrong (${issue?.message ?? ""})` };
  }
  const line = parsed.data;
  if (line.kind === "undecodable") {
    const { base64: encoded, ...fields } = line;
    return { ok: true, entry: { ...fields, bytes: fromBase64(encoded) } };
  }
  if (line.kind === "http-body") return decodeBody(line);
  if (line.kind !== "message") return { ok: true, entry: line };
  const message = decodeMessage(line);
  if (message === null) return { ok: false, why: `a ${line.type} message without its content` };
  const { kind, atMs, wallMs, connection, from, sizeBytes, redacted } = line;
  const entry = { kind, atMs, wallMs, connection, from, message, sizeBytes, redacted };
  return { ok: true, entry };
}

function decodeBody({ type, text, base64: encoded, ...fields }: BodyLine): DecodedLine {
  // What was not kept says why, and only that.
  if ((type === null) !== (fields.omitted !== null))
    return { ok: false, why: "a body that is there and is omitted, or neither" };
  if (type === null) return { ok: true, entry: { ...fields, content: null } };
  if (type === "text" && text !== undefined)
    return { ok: true, entry: { ...fields, content: { type, text } } };
  if (type === "binary" && encoded !== undefined)
    return { ok: true, entry: { ...fields, content: { type, bytes: fromBase64(encoded) } } };
  return { ok: false, why: `a ${type} body without its content` };
}

function decodeMessage(line: MessageLine): Message | null {
  const { type } = line;
  switch (type) {
    case "text":
      return line.text === undefined ? decodeFrame(line.frame) : { type, text: line.text };
    case "close":
      return { type, code: line.code ?? null, reason: line.reason ?? "" };
    case "binary":
    case "ping":
    case "pong":
      return line.base64 === undefined ? null : { type, bytes: fromBase64(line.base64) };
  }
}

function decodeFrame(frame: unknown): Message | null {
  if (!isJsonObject(frame)) return null;
  try {
    return { type: "text", text: JSON.stringify(frame) };
  } catch {
    // What is nested deep enough can be parsed but not written; gw-trace writes it as `text`.
    return null;
  }
}

function isHeaders(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (pair) =>
        Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === "string"),
    ) &&
    !isHeadTooLarge(value)
  );
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && !/[^A-Za-z0-9+/=]/.test(text);
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "base64"));
}
