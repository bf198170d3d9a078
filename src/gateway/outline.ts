import type { Frame } from "./frame.ts";
import { isJsonObject, ownField } from "./json-object.ts";

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
