import type { BodyContent, Headers, Message } from "../wire/message.ts";
import { AsideReader, isSetAside } from "./aside-codec.ts";
import type { TextsAside } from "./deferred-texts.ts";
import type { Entry, NewEntry } from "./entry.ts";
import { decodeValue, encodeValue } from "./msgpack.ts";
import {
  decodeSide,
  isBytes,
  isCount,
  isFlag,
  isText,
  isTextOrNull,
  isWhole,
  type Place,
} from "./tuple-fields.ts";

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
 *                    of a text that was set aside: see aside-codec.ts
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
const ENDINGS = ["fin", "reset", "unreachable", "stopped"] as const;

/** Times are stored in whole microseconds; this is what a time reads back as. */
export function roundToMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Packs one entry; its times are those since the entry before. `BlockBuilder` has a faster way for texts. */
export function encodeEntry(entry: NewEntry, sinceAtUs: number, sinceWallUs: number): Buffer {
  const kind = KINDS.indexOf(entry.kind);
  return encodeValue([kind, sinceAtUs, sinceWallUs, entry.connection, ...fieldsOf(entry)]);
}

function fieldsOf(entry: NewEntry): readonly unknown[] {
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

function typedContent(message: Message): readonly unknown[] {
  return [TYPES.indexOf(message.type), ...contentOf(message)];
}

function contentOf(message: Message): readonly unknown[] {
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

/** Unpacks the entries of one block; null when it does not hold `count` tuples, or not all of `texts`. Never throws. */
export function decodeEntries(
  bytes: Uint8Array,
  firstEntry: number,
  count: number,
  texts: TextsAside | null = null,
): DecodedEntries | null {
  const aside = new AsideReader(texts);
  const tuples = decodeValue(bytes);
  if (!Array.isArray(tuples) || tuples.length !== count) return null;
  const entries: Entry[] = [];
  const unreadable: number[] = [];
  let atUs = 0;
  let wallUs = 0;
  for (const [index, tuple] of tuples.entries()) {
    const entry = firstEntry + index;
    const fields: readonly unknown[] = Array.isArray(tuple) ? tuple : [];
    const [, sinceAtUs, sinceWallUs, connection] = fields;
    const timesHold = isWhole(sinceAtUs) && isWhole(sinceWallUs) && isCount(connection);
    // Later times are counted from these, so nothing after a broken time can be placed.
    if (!timesHold) return { entries, unreadable: unreadable.concat(rest(entry, count - index)) };
    atUs += sinceAtUs;
    wallUs += sinceWallUs;
    const place = { entry, atMs: atUs / 1000, wallMs: wallUs / 1000, connection };
    const decoded = isSetAside(fields) ? aside.read(fields, place) : decodeEntry(fields, place);
    if (decoded === null) unreadable.push(entry);
    else entries.push(decoded);
  }
  return aside.isAtEnd ? { entries, unreadable } : null;
}

function rest(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

function decodeEntry(fields: readonly unknown[], place: Place): Entry | null {
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
    case "message": {
      const from = decodeSide(b);
      const message = decodeMessage(fields.slice(7));
      return isFlag(a) && from !== null && isCount(c) && message !== null
        ? { kind, ...place, from, message, sizeBytes: c, redacted: a }
        : null;
    }
    case "http-body": {
      const from = decodeSide(b);
      const content = isText(d) ? null : decodeBodyContent(fields.slice(8));
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
    case undefined:
      return null;
  }
}

function decodeMessage([typeIndex, a, b]: readonly unknown[]): Message | null {
  const type = isCount(typeIndex) ? TYPES[typeIndex] : undefined;
  if (type === "text") return isText(a) ? { type, text: a } : null;
  if (type === "close") {
    return (a === null || isCount(a)) && isText(b) ? { type, code: a, reason: b } : null;
  }
  return type !== undefined && isBytes(a) ? { type, bytes: new Uint8Array(a) } : null;
}

/** Undefined when it is none. */
function decodeBodyContent(fields: readonly unknown[]): BodyContent | undefined {
  const content = decodeMessage(fields);
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
