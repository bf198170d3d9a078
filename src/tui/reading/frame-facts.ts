import {
  parseFrame,
  type EventFrame,
  type FrameError,
  type ParsedFrame,
  type ResponseFrame,
  isAcceptance,
  textIn,
} from "../../gateway/frame.ts";
import { codesOf } from "../../filter/subject.ts";
import { parseScopeRefusal } from "../../gateway/scopes.ts";
import type { Entry, MessageEntry } from "../../recording/entry.ts";
import type { RowType } from "./frame-row.ts";

/** What the frames list keeps of one entry. */
export interface FrameFacts {
  readonly type: RowType;
  readonly method: string;
  readonly sizeBytes: number | null;
  readonly result: string;
  readonly codes: readonly string[];
  readonly problem: boolean;
  readonly ok: boolean | null;
  /** The frame's id, by which requests and responses find each other. */
  readonly id: string | null;
  /** The event's number in its connection. */
  readonly seq: number | null;
  /** True for an answer that says only that the work has begun: another answer follows. */
  readonly accepted: boolean;
}

const NOTHING: FrameFacts = {
  type: "lost",
  method: "",
  sizeBytes: null,
  result: "",
  codes: [],
  problem: false,
  ok: null,
  id: null,
  seq: null,
  accepted: false,
};

/** Reads from one entry what the frames list shows of it. `parsed` is the frame of a text message, where someone read it already. */
export function readFrameFacts(entry: Entry, parsed?: ParsedFrame): FrameFacts {
  switch (entry.kind) {
    case "opened":
      return { ...NOTHING, type: "open", method: entry.clientAddress ?? "" };
    case "http-request":
      return { ...NOTHING, type: "http", method: `${entry.method} ${entry.target}` };
    case "http-response":
      return {
        ...NOTHING,
        type: "http",
        method: entry.reason,
        result: String(entry.status),
        codes: [String(entry.status)],
        ok: entry.status < 400,
        problem: entry.status >= 400,
      };
    case "http-body":
      return {
        ...NOTHING,
        type: "http",
        method: entry.omitted === null ? "body" : `body not kept: ${entry.omitted}`,
        sizeBytes: entry.sizeBytes,
      };
    case "message":
      return readMessage(entry, parsed);
    case "undecodable":
      return { ...problem("???", entry.reason), sizeBytes: entry.sizeBytes };
    case "closed":
      return {
        ...NOTHING,
        type: "end",
        method: `${entry.how} by ${entry.by}`,
        result: entry.error ?? "",
        codes: entry.error === null ? [] : [entry.error],
        problem: entry.how === "reset" || entry.how === "unreachable",
      };
    case "gap":
      return {
        ...problem("gap", `${entry.missingEntries} lost`),
        method: entry.reason,
        sizeBytes: entry.missingBytes,
      };
  }
}

function readMessage(entry: MessageEntry, parsed?: ParsedFrame): FrameFacts {
  const { message, sizeBytes } = entry;
  switch (message.type) {
    case "text":
      return { ...readText(parsed ?? parseFrame(message.text)), sizeBytes };
    case "binary":
      return { ...problem("bin", "not text"), sizeBytes };
    case "ping":
    case "pong":
      return { ...NOTHING, type: message.type, sizeBytes };
    case "close":
      return {
        ...NOTHING,
        type: "clos",
        method: message.reason,
        result: message.code === null ? "" : String(message.code),
        codes: message.code === null ? [] : [String(message.code)],
        problem: message.code !== null && ![1000, 1001].includes(message.code),
        sizeBytes,
      };
  }
}

function readText(parsed: ParsedFrame): FrameFacts {
  if (!parsed.ok) return { ...problem("text", parsed.reason) };
  const { frame } = parsed;
  switch (frame.type) {
    case "req":
      return { ...NOTHING, type: "req", method: frame.method, id: frame.id };
    case "res":
      return readResponse(frame);
    case "event":
      return readEvent(frame);
  }
}

function readResponse({ id, ok, error, payload }: ResponseFrame): FrameFacts {
  const accepted = ok && isAcceptance(payload);
  const isHello = textIn(payload, "type") === "hello-ok";
  const result = ok ? (isHello ? "hello-ok" : "ok") : renderError(error);
  const codes = error === null ? [] : codesOf(error);
  return { ...NOTHING, type: "res", id, ok, result, codes, problem: !ok, accepted };
}

function readEvent({ event, seq }: EventFrame): FrameFacts {
  return { ...NOTHING, type: "evt", method: event, seq };
}

function renderError(error: FrameError | null): string {
  if (error === null) return "error";
  const refusal = parseScopeRefusal(error);
  if (refusal !== null) return `SCOPE ${refusal.missing.replace(/^operator\./, "")}`;
  return error.code === "" ? "error" : error.code;
}

function problem(type: RowType, result: string): FrameFacts {
  return { ...NOTHING, type, result, problem: true };
}
