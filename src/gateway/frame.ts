import { z } from "zod";
import { isJsonObject, ownField } from "./json-object.ts";
import { isTooLargeAsJson, parseJson } from "./parse-json.ts";

/** The error object of a refused request (OpenClaw docs, gateway/protocol: error envelope). */
export interface FrameError {
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
  readonly retryable: boolean | null;
  readonly retryAfterMs: number | null;
}

/** A client's request. */
export interface RequestFrame {
  readonly type: "req";
  readonly id: string;
  readonly method: string;
  readonly params: unknown;
  /** From protocol 4 on; null also where it is malformed, which Gateways take no notice of. */
  readonly traceparent: TraceParent | null;
}

/** The Gateway's answer to one request. `error` is null when `ok`. */
export interface ResponseFrame {
  readonly type: "res";
  readonly id: string;
  readonly ok: boolean;
  readonly payload: unknown;
  readonly error: FrameError | null;
}

/** Something the Gateway says unasked. `seq` counts per client; the challenge and some others have none. */
export interface EventFrame {
  readonly type: "event";
  readonly event: string;
  readonly payload: unknown;
  readonly seq: number | null;
}

/** One Gateway JSON envelope. */
export type Frame = RequestFrame | ResponseFrame | EventFrame;

/** A text message read as a frame, or the reason why it is none. */
export type ParsedFrame =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly reason: string };

const errorSchema = z.looseObject({
  code: z.string(),
  message: z.string().optional(),
  details: z.unknown().optional(),
  retryable: z.boolean().optional(),
  retryAfterMs: z.number().optional(),
});

const frameSchema = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("req"),
    id: z.string(),
    method: z.string(),
    params: z.unknown().optional(),
    traceparent: z.unknown().optional(),
  }),
  z.looseObject({
    type: z.literal("res"),
    id: z.string(),
    ok: z.boolean(),
    payload: z.unknown().optional(),
    error: errorSchema.optional(),
  }),
  z.looseObject({
    type: z.literal("event"),
    event: z.string(),
    payload: z.unknown().optional(),
    seq: z.number().optional(),
  }),
]);

/** Reads one text message as a frame. Never throws: what is no frame comes back with the reason. */
export function parseFrame(text: string): ParsedFrame {
  const value = parseJson(text);
  if (value === undefined) {
    return {
      ok: false,
      reason: isTooLargeAsJson(text) ? "too large to be read as JSON" : "not JSON",
    };
  }
  const result = frameSchema.safeParse(value);
  return result.success
    ? { ok: true, frame: normalize(result.data) }
    : { ok: false, reason: describe(result.error) };
}

function normalize(raw: z.infer<typeof frameSchema>): Frame {
  switch (raw.type) {
    case "req":
      return {
        type: "req",
        id: raw.id,
        method: raw.method,
        params: raw.params,
        traceparent: typeof raw.traceparent === "string" ? parseTraceparent(raw.traceparent) : null,
      };
    case "res":
      return {
        type: "res",
        id: raw.id,
        ok: raw.ok,
        payload: raw.payload,
        error: raw.ok ? null : normalizeError(raw.error),
      };
    case "event":
      return { type: "event", event: raw.event, payload: raw.payload, seq: raw.seq ?? null };
  }
}

function normalizeError(raw: z.infer<typeof errorSchema> | undefined): FrameError {
  return {
    code: raw?.code ?? "",
    message: raw?.message ?? "",
    details: raw?.details,
    retryable: raw?.retryable ?? null,
    retryAfterMs: raw?.retryAfterMs ?? null,
  };
}

function describe(error: z.ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.join(".") ?? "";
  return path === ""
    ? "not a Gateway frame"
    : `not a Gateway frame: ${path} is missing or of the wrong type`;
}

/** The span that a request was made in, as W3C Trace Context names it. Both ids are lower-case hex. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  /** False when the caller records no spans of this trace. */
  readonly sampled: boolean;
}

const MAX_CHARACTERS = 128;
const SHAPE = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/**
 * Reads the `traceparent` of a request as Gateways of protocol 4 do (W3C Trace Context, section 3.2; OpenClaw docs,
 * gateway/protocol/transport): null for what they take no notice of.
 */
export function parseTraceparent(text: string): TraceParent | null {
  if (text.length > MAX_CHARACTERS) return null;
  const match = SHAPE.exec(text.trim().toLowerCase());
  if (match === null) return null;
  const [, version = "", traceId = "", spanId = "", flags = "", more] = match;
  // A later version may add fields; version ff is none, and version 00 has these four.
  if (version === "ff" || (version === "00" && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/**
 * A frame with no more in its params or payload than a trace goes by. Null for a frame that has to be read whole, since it names
 * scopes, an error or a trace.
 */
export function outlineOf(frame: Frame): Frame | null {
  switch (frame.type) {
    case "req": {
      const { type, id, method, params, traceparent } = frame;
      if (method === "connect" || traceparent !== null || has(params, "scopes")) return null;
      const kept = keptParams(textIn(params, "idempotencyKey"), textIn(params, "deviceId"));
      return { type, id, method, params: kept, traceparent };
    }
    case "res": {
      const { type, id, ok, payload, error } = frame;
      const isHello = has(payload, "auth") || textIn(payload, "type") === "hello-ok";
      if (!ok || isHello) return null;
      return { type, id, ok, payload: keptPayload(isAcceptance(payload)), error };
    }
    case "event": {
      const { type, event, seq } = frame;
      // Without the sign that JSON can give a zero.
      return { type, event, payload: undefined, seq: seq === null ? null : seq + 0 };
    }
  }
}

/** What is kept of a request's params. */
export function keptParams(idempotencyKey: string | null, deviceId: string | null): unknown {
  if (deviceId === null) return idempotencyKey === null ? undefined : { idempotencyKey };
  return idempotencyKey === null ? { deviceId } : { idempotencyKey, deviceId };
}

/** What is kept of an answer's payload. */
export function keptPayload(isAccepted: boolean): unknown {
  return isAccepted ? ACCEPTED : undefined;
}

/** True for a payload that promises another answer. */
export function isAcceptance(payload: unknown): boolean {
  return textIn(payload, "status") === "accepted";
}

/** A text in params or a payload; null when it is not there. */
export function textIn(value: unknown, name: string): string | null {
  const inner = isJsonObject(value) ? ownField(value, name) : null;
  return typeof inner === "string" ? inner : null;
}

const ACCEPTED = { status: "accepted" };

function has(value: unknown, name: string): boolean {
  return isJsonObject(value) && Object.hasOwn(value, name);
}
