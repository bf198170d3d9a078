import type { BodyContent, Headers, Message, Side } from "../wire/message.ts";
import type { Entry, MessageEntry, NewEntry } from "./entry.ts";
import { decodeValue } from "./msgpack.ts";

/*
 * One entry is one msgpack array:
 *
 *   [kind, atUs, wallUs, connection, …]
 *
 * `atUs` and `wallUs` are whole microseconds since the entry before (since 0 for the first of a block). Then, by kind:
 *
 *   0 opened         clientAddress, peerAddress, gatewayAddress           (each string or nil)
 *   1 http-request   redacted, method, target, [name, value, name, value, …]
 *   2 http-response  redacted, status, reason, [name, value, …]
 *   3 message        redacted, from, sizeBytes, type, content…            from: 0 client, 1 gateway
 *                    type: 0 text (string), 1 binary, 2 ping, 3 pong (bytes), 4 close (code or nil, reason)
 *                    A text that stands elsewhere is nil, and what says where follows: in an outlines block, see outlines.ts; in one
 *                    of the former codec 2, the bytes of the text, then what nobody reads any more.
 *   4 undecodable    from, reason, sizeBytes, bytes
 *   5 closed         by, how, error                                       by: 0 client, 1 gateway, 2 tap; error: string or nil
 *   6 gap            reason, missingEntries, missingBytes, untilUs        untilUs: since the recording began
 *   7 http-body      redacted, from, sizeBytes, omitted, type, content    omitted: nil, or a string and no more; type as of a message
 */
const KINDS = [
  "opened",
  "http-request",
  "http-response",
  "message",
  "undecodable",
  "closed",
  "gap",
  "http-body",
] as const;
const SIDES = ["client", "gateway", "tap"] as const;
const TYPES = ["text", "binary", "ping", "pong", "close"] as const;
const MESSAGE = 3;
const TEXT = 0;
/** Where in its tuple a text stands. */
const TEXT_AT = 8;

/** What an entry is packed as. */
export type Tuple = readonly unknown[];

const ENDINGS = ["fin", "reset", "unreachable", "stopped"] as const;

/** Times are stored in whole microseconds; this is what a time reads back as. */
export function roundToMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The tuples of the entries of one block, whose times must have been rounded with `roundToMicroseconds`. */
export function tuplesOf(entries: readonly NewEntry[]): readonly Tuple[] {
  let lastAtUs = 0;
  let lastWallUs = 0;
  return entries.map((entry) => {
    const atUs = Math.round(entry.atMs * 1000);
    const wallUs = Math.round(entry.wallMs * 1000);
    const sinceAtUs = atUs - lastAtUs;
    const sinceWallUs = wallUs - lastWallUs;
    lastAtUs = atUs;
    lastWallUs = wallUs;
    const { kind, connection } = entry;
    if (kind === "message" && entry.message.type === "text") {
      // In one piece, as there are so many of these.
      const { redacted, from, sizeBytes, message } = entry;
      const side = SIDES.indexOf(from);
      return [MESSAGE, sinceAtUs, sinceWallUs, connection, redacted, side, sizeBytes, TEXT, message.text]; // prettier-ignore
    }
    return [KINDS.indexOf(kind), sinceAtUs, sinceWallUs, connection, ...fieldsOf(entry)];
  });
}

/** A tuple of a text message with something else in place of its text. */
export function withoutText(tuple: Tuple, instead: Tuple): Tuple {
  return [...tuple.slice(0, TEXT_AT), null, ...instead];
}

function fieldsOf(entry: NewEntry): Tuple {
  switch (entry.kind) {
    case "opened":
      return [entry.clientAddress, entry.peerAddress, entry.gatewayAddress];
    case "http-request":
      return [entry.redacted, entry.method, entry.target, entry.headers.flat()];
    case "http-response":
      return [entry.redacted, entry.status, entry.reason, entry.headers.flat()];
    case "message":
      return [
        entry.redacted,
        SIDES.indexOf(entry.from),
        entry.sizeBytes,
        ...typedContent(entry.message),
      ];
    case "http-body":
      return [
        entry.redacted,
        SIDES.indexOf(entry.from),
        entry.sizeBytes,
        entry.omitted,
        ...(entry.content === null ? [] : typedContent(entry.content)),
      ];
    case "undecodable":
      return [SIDES.indexOf(entry.from), entry.reason, entry.sizeBytes, asBuffer(entry.bytes)];
    case "closed":
      return [SIDES.indexOf(entry.by), entry.how, entry.error];
    case "gap":
      return [
        entry.reason,
        entry.missingEntries,
        entry.missingBytes,
        Math.round(entry.untilMs * 1000),
      ];
  }
}

function typedContent(message: Message): Tuple {
  return [TYPES.indexOf(message.type), ...contentOf(message)];
}

function contentOf(message: Message): Tuple {
  if (message.type === "text") return [message.text];
  if (message.type === "close") return [message.code, message.reason];
  return [asBuffer(message.bytes)];
}

/** msgpackr writes a Buffer as plain msgpack bytes, any other Uint8Array as an extension of its own. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The entries of one block as far as they are valid, and the numbers of those that are not. */
export interface DecodedEntries {
  readonly entries: readonly Entry[];
  readonly unreadable: readonly number[];
}

/** A text message whose text does not stand in its tuple. */
export type TextElsewhere = Pick<MessageEntry, "outline"> & {
  readonly message: { readonly type: "text"; readonly text: string };
};

/** Gives the text that does not stand in the tuple at `index`; null where its fields make no sense. */
export type FindText = (fields: Tuple, index: number) => TextElsewhere | null;

interface Place {
  readonly entry: number;
  readonly atMs: number;
  readonly wallMs: number;
  readonly connection: number;
}

/** Unpacks the entries of one block; null when it does not hold `count` tuples. Never throws. */
export function decodeEntries(
  bytes: Buffer,
  firstEntry: number,
  count: number,
  findText: FindText = () => null,
): DecodedEntries | null {
  const tuples = decodeValue(bytes);
  if (!Array.isArray(tuples) || tuples.length !== count) return null;
  const entries: Entry[] = [];
  const unreadable: number[] = [];
  let atUs = 0;
  let wallUs = 0;
  for (const [index, tuple] of tuples.entries()) {
    const entry = firstEntry + index;
    const fields: Tuple = Array.isArray(tuple) ? tuple : [];
    const [kind, sinceAtUs, sinceWallUs, connection] = fields;
    const timesHold = isWhole(sinceAtUs) && isWhole(sinceWallUs) && isCount(connection);
    // Later times are counted from these, so nothing after a broken time can be placed.
    if (!timesHold) return { entries, unreadable: unreadable.concat(rest(entry, count - index)) };
    atUs += sinceAtUs;
    wallUs += sinceWallUs;
    const place = { entry, atMs: atUs / 1000, wallMs: wallUs / 1000, connection };
    const decoded =
      kind === MESSAGE ? decodeMessage(fields, place, index, findText) : decodeEntry(fields, place);
    if (decoded === null) unreadable.push(entry);
    else entries.push(decoded);
  }
  return { entries, unreadable };
}

function rest(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** By index and field by field, as there are so many of these. */
function decodeMessage(
  fields: Tuple,
  { entry, atMs, wallMs, connection }: Place,
  index: number,
  findText: FindText,
): Entry | null {
  const redacted = fields[4];
  const from = decodeSide(fields[5]);
  const sizeBytes = fields[6];
  if (!isFlag(redacted) || from === null || !isCount(sizeBytes)) return null;
  const kind = "message";
  if (fields[7] === TEXT && fields[TEXT_AT] === null) {
    const found = findText(fields, index);
    if (found === null) return null;
    const { message, outline } = found;
    if (outline === undefined)
      return { kind, entry, atMs, wallMs, connection, from, message, sizeBytes, redacted };
    return { kind, entry, atMs, wallMs, connection, from, message, sizeBytes, redacted, outline };
  }
  const message = decodeContent(fields[7], fields[TEXT_AT], fields[TEXT_AT + 1]);
  if (message === null) return null;
  return { kind, entry, atMs, wallMs, connection, from, message, sizeBytes, redacted };
}

function decodeEntry(fields: Tuple, place: Place): Entry | null {
  const [kindIndex, , , , a, b, c, d] = fields;
  const kind = isCount(kindIndex) ? KINDS[kindIndex] : undefined;
  switch (kind) {
    case "opened":
      return isTextOrNull(a) && isTextOrNull(b) && isTextOrNull(c)
        ? { kind, ...place, clientAddress: a, peerAddress: b, gatewayAddress: c }
        : null;
    case "http-request": {
      const headers = decodeHeaders(d);
      return isFlag(a) && isText(b) && isText(c) && headers !== null
        ? { kind, ...place, method: b, target: c, headers, redacted: a }
        : null;
    }
    case "http-response": {
      const headers = decodeHeaders(d);
      return isFlag(a) && isCount(b) && isText(c) && headers !== null
        ? { kind, ...place, status: b, reason: c, headers, redacted: a }
        : null;
    }
    case "http-body": {
      const from = decodeSide(b);
      const content = isText(d) ? null : decodeBodyContent(fields[8], fields[9]);
      return isFlag(a) && from !== null && isCount(c) && content !== undefined && isTextOrNull(d)
        ? { kind, ...place, from, content, omitted: d, sizeBytes: c, redacted: a }
        : null;
    }
    case "undecodable": {
      const from = decodeSide(a);
      return from !== null && isText(b) && isCount(c) && isBytes(d)
        ? { kind, ...place, from, reason: b, sizeBytes: c, bytes: new Uint8Array(d) }
        : null;
    }
    case "closed": {
      const by = isCount(a) ? SIDES[a] : undefined;
      const how = ENDINGS.find((ending) => ending === b);
      return by !== undefined && how !== undefined && isTextOrNull(c)
        ? { kind, ...place, by, how, error: c }
        : null;
    }
    case "gap":
      return isText(a) && isCount(b) && isCount(c) && isWhole(d)
        ? { kind, ...place, reason: a, missingEntries: b, missingBytes: c, untilMs: d / 1000 }
        : null;
    case "message":
    case undefined:
      return null;
  }
}

function decodeContent(typeIndex: unknown, a: unknown, b: unknown): Message | null {
  const type = isCount(typeIndex) ? TYPES[typeIndex] : undefined;
  if (type === "text") return isText(a) ? { type, text: a } : null;
  if (type === "close") {
    return (a === null || isCount(a)) && isText(b) ? { type, code: a, reason: b } : null;
  }
  return type !== undefined && isBytes(a) ? { type, bytes: new Uint8Array(a) } : null;
}

/** Undefined when it is none. */
function decodeBodyContent(typeIndex: unknown, value: unknown): BodyContent | undefined {
  const content = decodeContent(typeIndex, value, undefined);
  return content?.type === "text" || content?.type === "binary" ? content : undefined;
}

function decodeHeaders(value: unknown): Headers | null {
  if (!Array.isArray(value) || value.length % 2 !== 0 || !value.every(isText)) return null;
  const headers: (readonly [string, string])[] = [];
  for (let index = 0; index < value.length; index += 2) {
    headers.push([value[index] ?? "", value[index + 1] ?? ""]);
  }
  return headers;
}

function decodeSide(value: unknown): Side | null {
  if (value === 0) return "client";
  return value === 1 ? "gateway" : null;
}

/** True for a field that is a text. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** True for a text, or nothing in its place. */
export function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

/** True for a yes or a no. */
export function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** True for a whole number that is exact. */
export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** True for such a number that is not negative. */
export function isCount(value: unknown): value is number {
  return isWhole(value) && value >= 0;
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
