import {
  parseFrame,
  type EventFrame,
  type FrameError,
  type ResponseFrame,
} from "../gateway/frame.ts";
import { parseScopeRefusal } from "../gateway/scopes.ts";
import type { Entry, MessageEntry } from "../recording/entry.ts";
import type { RowType } from "./frame-row.ts";

/** What the frames list keeps of one entry. */
export interface FrameFacts {
  readonly type: RowType;
  readonly method: string;
  readonly sizeBytes: number | null;
  readonly result: string;
  readonly problem: boolean;
  readonly ok: boolean | null;
  /** The frame's id, by which requests and responses find each other. */
  readonly id: string | null;
  /** The event's number in its connection. */
  readonly seq: number | null;
}

const NOTHING: FrameFacts = {
  type: "lost",
  method: "",
  sizeBytes: null,
  result: "",
  problem: false,
  ok: null,
  id: null,
  seq: null,
};

/** Reads from one entry what the frames list shows of it. */
export function readFrameFacts(entry: Entry): FrameFacts {
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
        problem: entry.status >= 400,
      };
    case "message":
      return readMessage(entry);
    case "undecodable":
      return { ...problem("???", entry.reason), sizeBytes: entry.sizeBytes };
    case "closed":
      return {
        ...NOTHING,
        type: "end",
        method: `${entry.how} by ${entry.by}`,
        result: entry.error ?? "",
        problem: entry.how === "reset" || entry.how === "unreachable",
      };
    case "gap":
      return { ...problem("gap", `${entry.missingEntries} lost`), method: entry.reason };
  }
}

function readMessage(entry: MessageEntry): FrameFacts {
  const { message, sizeBytes } = entry;
  switch (message.type) {
    case "text":
      return { ...readText(message.text), sizeBytes };
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
        problem: message.code !== null && ![1000, 1001].includes(message.code),
        sizeBytes,
      };
  }
}

function readText(text: string): FrameFacts {
  const parsed = parseFrame(text);
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
  const isHello =
    typeof payload === "object" &&
    payload !== null &&
    "type" in payload &&
    payload.type === "hello-ok";
  const result = ok ? (isHello ? "hello-ok" : "ok") : renderError(error);
  return { ...NOTHING, type: "res", id, ok, result, problem: !ok };
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
