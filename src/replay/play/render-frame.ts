import type { ParsedFrame } from "../../gateway/frame.ts";
import { isTimeField } from "../../gateway/volatile.ts";
import type { Correlation } from "./correlation.ts";
import { isJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import type { ScriptedAction } from "../script/script.ts";

/** What a live connection has of its own, in place of what the recorded one had. */
export interface LiveFacts {
  readonly connId: string;
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: () => number;
  /** Whether times in all frames are moved to now, not only those of hello-ok. */
  readonly shiftsTimes: boolean;
}

/** What changes in a recorded frame when it is said again. */
export interface FrameChanges {
  /** The live request's id, for a response. */
  readonly liveId: string | null;
  readonly seq: number | null;
  readonly correlation: Correlation;
  readonly facts: LiveFacts;
}

/** A frame as it is sent, and as it reads. */
export interface RenderedFrame {
  readonly text: string;
  /** Undefined where its text has to be read for that. */
  readonly read: ParsedFrame | undefined;
}

/** Writes a recorded Gateway frame for a live client: its own request id, `seq` and made-up values; hello-ok fresh. */
export function renderFrame(
  action: ScriptedAction,
  frame: JsonObject,
  changes: FrameChanges,
): RenderedFrame {
  const { liveId, seq, correlation, facts } = changes;
  const { id: _recordedId, ...said }: Record<string, unknown> = frame;
  const { payload } = said;
  if (isJsonObject(payload)) said["payload"] = refresh(payload, action.wallMs, facts);
  if (seq !== null) said["seq"] = seq;
  const rewritten = correlation.rewrite(said);
  const body = JSON.stringify(rewritten);
  // The live id is put in last: it may by chance equal a recorded value.
  const id = liveId ?? (typeof frame["id"] === "string" ? frame["id"] : null);
  const read = readFrame(isJsonObject(rewritten) ? rewritten : said, id);
  if (id === null) return { text: body, read };
  const rest = body === "{}" ? "}" : `,${body.slice(1)}`;
  return { text: `{"id":${JSON.stringify(id)}${rest}`, read };
}

/** Field by field, as there are so many of these; what is not one of the two usual kinds is read from its text. */
function readFrame(said: JsonObject, id: string | null): ParsedFrame | undefined {
  const { type, ok, event, payload, seq = null } = said;
  if (type === "res" && ok === true && id !== null) {
    return { ok: true, frame: { type, id, ok, payload, error: null } };
  }
  if (type !== "event" || typeof event !== "string") return undefined;
  if (seq !== null && typeof seq !== "number") return undefined;
  return { ok: true, frame: { type, event, payload, seq } };
}

/** hello-ok says when it was said and to which connection; both are the live ones. */
function refresh(payload: JsonObject, recordedMs: number, facts: LiveFacts): JsonObject {
  const isHello = payload["type"] === "hello-ok";
  if (!isHello && !facts.shiftsTimes) return payload;
  const moved = moveTimes(payload, facts.nowMs() - recordedMs);
  if (!isHello) return moved;
  const server = moved["server"];
  if (!isJsonObject(server) || !("connId" in server)) return moved;
  return { ...moved, server: { ...server, connId: facts.connId } };
}

function moveTimes(object: JsonObject, byMs: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, moveTime(key, value, byMs)]),
  );
}

function moveTime(key: string, value: unknown, byMs: number): unknown {
  if (typeof value === "number") {
    return isTimeField(key) && isEpochMs(value) ? Math.round(value + byMs) : value;
  }
  if (typeof value === "string") {
    const isTime = isTimeField(key) && ISO_TIME.test(value);
    return isTime ? new Date(Date.parse(value) + byMs).toISOString() : value;
  }
  if (Array.isArray(value)) return value.map((item) => moveTime(key, item, byMs));
  return isJsonObject(value) ? moveTimes(value, byMs) : value;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

// Between 2001 and 2286: such a number in a time field counts milliseconds since the epoch, a smaller one is an offset.
function isEpochMs(value: number): boolean {
  return value > 1e12 && value < 1e13;
}
