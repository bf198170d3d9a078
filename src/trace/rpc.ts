import type { RequestFrame, ResponseFrame } from "../gateway/frame.ts";
import { isAcceptance, textIn } from "../gateway/outline.ts";
import type { Entry } from "../recording/entry.ts";
import type { Rpc } from "./model.ts";

type When = Pick<Entry, "entry" | "atMs" | "connection">;

/** A call that may still be answered. */
export type OpenRpc = { -readonly [Key in keyof Rpc]: Rpc[Key] };

/** A call as its request begins it. */
export function beginRpc(when: When, frame: RequestFrame, byParams: Rpc["byParams"]): OpenRpc {
  return {
    connection: when.connection,
    id: frame.id,
    method: frame.method,
    idempotencyKey: textIn(frame.params, "idempotencyKey"),
    deviceId: textIn(frame.params, "deviceId"),
    byParams,
    traceparent: frame.traceparent,
    requestEntry: when.entry,
    responseEntry: null,
    startMs: when.atMs,
    durationMs: null,
    ok: null,
    answerLost: false,
    error: null,
    awaitsFinal: false,
    final: null,
  };
}

/** Takes in an answer. `accepted` promises another one; `stray` answers a call that has had both. */
export function answerRpc(
  rpc: OpenRpc,
  when: When,
  { ok, error, payload }: ResponseFrame,
): "accepted" | "answered" | "stray" {
  if (rpc.final !== null) return "stray";
  const durationMs = when.atMs - rpc.startMs;
  if (rpc.responseEntry === null) {
    Object.assign(rpc, { responseEntry: when.entry, durationMs, ok, error });
    rpc.awaitsFinal = isAcceptance(payload);
    return rpc.awaitsFinal ? "accepted" : "answered";
  }
  rpc.awaitsFinal = false;
  rpc.final = { responseEntry: when.entry, durationMs, ok, error };
  return "answered";
}
