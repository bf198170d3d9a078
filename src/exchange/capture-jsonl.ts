import type { NewEntry, NewRecordingHeader } from "../recording/entry.ts";
import type { Headers, Message, Side } from "../wire/message.ts";
import { ImportRemarks } from "./import-remarks.ts";
import { payloadBytes } from "./message-size.ts";

/** A JSON lines capture read as a recording that is not written yet. */
export interface Capture {
  /** Says `redaction: "credentials"`, so that writing it redacts; the entries here are still as captured. */
  readonly header: NewRecordingHeader;
  readonly entries: readonly NewEntry[];
  readonly remarks: ImportRemarks;
}

type Fields = Readonly<Record<string, unknown>>;
type Ending = Pick<Extract<NewEntry, { kind: "closed" }>, "by" | "how" | "error">;

/** One `meta` line begins a run of the capturing program; a file may hold several, appended. */
interface Run {
  readonly atMs: number;
  readonly wallMs: number;
  readonly firstConnection: number;
  readonly gatewayAddress: string | null;
}

const UNKNOWN_START = "1970-01-01T00:00:00.000Z";

/**
 * Reads a capture in JSON lines (`{t, conn, ev, dir, …}`, one event a line, `meta` first). Lines that make no sense are
 * counted and named, never thrown. Headers are those sent on to the Gateway, since its rules judge what it saw.
 */
export function parseCaptureJsonl(text: string): Capture {
  const reader = new CaptureReader();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() !== "") reader.readLine(line, index + 1);
  }
  return reader.finish();
}

class CaptureReader {
  #meta: Fields | null = null;
  #run: Run = { atMs: 0, wallMs: 0, firstConnection: 0, gatewayAddress: null };
  #lastConnection = 0;
  readonly #entries: NewEntry[] = [];
  readonly #remarks = new ImportRemarks();
  readonly #endings = new Map<number, Ending>();
  readonly #openedAt = new Map<number, number>();

  readLine(line: string, number: number): void {
    const fields = parseFields(line);
    const problem = fields === null ? "not a JSON object" : this.#read(fields);
    if (problem !== null) this.#remarks.skip(`line ${number}`, problem);
  }

  finish(): Capture {
    const meta = this.#meta ?? {};
    const to = textOf(meta["to"]);
    const wall = textOf(meta["wall"]);
    if (wall === null) this.#remarks.note("no meta line: the time at which it began is unknown");
    return {
      header: {
        source: "import",
        startedAt: wall ?? UNKNOWN_START,
        upstream: to === null ? null : `ws://${to}`,
        listen: textOf(meta["listen"]),
        redaction: "credentials",
        replayOf: [],
        assumedPeer: null,
      },
      entries: this.#entries,
      remarks: this.#remarks,
    };
  }

  #read(fields: Fields): string | null {
    if (typeof fields["t"] !== "number") return "no time";
    if (fields["ev"] === "meta") return this.#begin(fields);
    if (!isConnectionNumber(fields["conn"])) return "no connection number";
    const connection = this.#run.firstConnection + fields["conn"];
    this.#lastConnection = Math.max(this.#lastConnection, connection);
    if (fields["ev"] === "tcp-end" || fields["ev"] === "tcp-error") {
      // The capture tells of each half; the entry tells once who began, when the connection is gone.
      if (!this.#endings.has(connection)) this.#endings.set(connection, endingOf(fields));
      return null;
    }
    const times = {
      atMs: this.#run.atMs + fields["t"],
      wallMs: this.#run.wallMs + fields["t"],
      connection,
    };
    const events = this.#eventsOf(fields, connection);
    if (events === null) return `unknown or incomplete event ${JSON.stringify(fields["ev"])}`;
    for (const event of events) {
      if (event.kind === "opened") this.#openedAt.set(connection, this.#entries.length);
      if (event.kind === "closed" && event.how === "unreachable") this.#noteUnreached(connection);
      this.#entries.push({ ...times, ...event });
    }
    return null;
  }

  /** Only the end tells that the Gateway was never reached; then the connection has no Gateway's address. */
  #noteUnreached(connection: number): void {
    const index = this.#openedAt.get(connection);
    const opened = index === undefined ? undefined : this.#entries[index];
    if (index === undefined || opened?.kind !== "opened") return;
    this.#entries[index] = { ...opened, gatewayAddress: null };
  }

  #begin(meta: Fields): string | null {
    const wallMs = Date.parse(textOf(meta["wall"]) ?? "");
    if (Number.isNaN(wallMs)) return "no wall clock time";
    const startMs = this.#meta === null ? wallMs : this.#run.wallMs - this.#run.atMs;
    this.#meta ??= meta;
    this.#run = {
      atMs: wallMs - startMs,
      wallMs,
      firstConnection: this.#lastConnection,
      gatewayAddress: textOf(meta["to"]),
    };
    return null;
  }

  #eventsOf(fields: Fields, connection: number): readonly EntryBody[] | null {
    switch (fields["ev"]) {
      case "open":
        return openEvents(fields, this.#run.gatewayAddress);
      case "upgraded":
      case "http":
        return responseEvents(fields);
      case "msg":
      case "close":
        return messageEvents(fields);
      case "decode-error":
        return undecodableEvents(fields);
      case "tcp-closed":
        return [
          {
            kind: "closed",
            ...(this.#endings.get(connection) ?? { by: "tap", how: "stopped", error: null }),
          },
        ];
      default:
        return null;
    }
  }
}

type WithoutTimes<E> = E extends unknown ? Omit<E, "atMs" | "wallMs" | "connection"> : never;
type EntryBody = WithoutTimes<NewEntry>;

function openEvents(fields: Fields, gatewayAddress: string | null): readonly EntryBody[] {
  const opened: EntryBody = {
    kind: "opened",
    clientAddress: textOf(fields["peer"]),
    peerAddress: null,
    gatewayAddress,
  };
  const [method, target] = (textOf(fields["requestLine"]) ?? "").split(" ");
  if (!method || !target) return [opened];
  const headers = headersOf(fields["sentHeaders"] ?? fields["upgradeRequestHeaders"]);
  return [opened, { kind: "http-request", method, target, headers, redacted: false }];
}

function responseEvents(fields: Fields): readonly EntryBody[] | null {
  const { status } = fields;
  if (typeof status !== "number") return null;
  const headers = headersOf(fields["responseHeaders"]);
  return [{ kind: "http-response", status, reason: "", headers, redacted: false }];
}

function messageEvents(fields: Fields): readonly EntryBody[] | null {
  const from = sideOf(fields["dir"]);
  const message = messageOf(fields);
  if (from === null || message === null) return null;
  return [{ kind: "message", from, message, sizeBytes: payloadBytes(message), redacted: false }];
}

function undecodableEvents(fields: Fields): readonly EntryBody[] | null {
  const from = sideOf(fields["dir"]);
  if (from === null) return null;
  const reason = textOf(fields["message"]) ?? "";
  return [{ kind: "undecodable", from, reason, sizeBytes: 0, bytes: new Uint8Array() }];
}

function messageOf(fields: Fields): Message | null {
  const text = textOf(fields["text"]) ?? "";
  switch (fields["opcode"]) {
    case "text":
      return { type: "text", text };
    case "binary":
      return { type: "binary", bytes: new Uint8Array(Buffer.from(text, "base64")) };
    case "ping":
    case "pong":
      return { type: fields["opcode"], bytes: new Uint8Array(Buffer.from(text)) };
    case "close":
      return { type: "close", code: closeCodeOf(fields), reason: textOf(fields["reason"]) ?? "" };
    default:
      return null;
  }
}

/** The capture writes 1005 for a close frame without a body (RFC 6455, section 7.1.5). */
function closeCodeOf(fields: Fields): number | null {
  const { code } = fields;
  return typeof code === "number" && code !== 1005 ? code : null;
}

function endingOf(fields: Fields): Ending {
  const error = textOf(fields["message"]);
  if (error === "ECONNREFUSED") return { by: "tap", how: "unreachable", error };
  const how = fields["ev"] === "tcp-end" ? "fin" : "reset";
  return { by: sideOf(fields["by"]) ?? "tap", how, error };
}

function headersOf(value: unknown): Headers {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).map(([name, field]) => [name, String(field)] as const);
}

function sideOf(value: unknown): Side | null {
  if (value === "c2s") return "client";
  return value === "s2c" ? "gateway" : null;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isConnectionNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function parseFields(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : null;
  } catch {
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
