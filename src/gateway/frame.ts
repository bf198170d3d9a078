import { z } from "zod";
import { parseTraceparent, type TraceParent } from "./traceparent.ts";

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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: "not JSON" };
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
