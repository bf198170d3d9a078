import type { RequestFrame, ResponseFrame } from "../gateway/frame.ts";
import type { Entry } from "../recording/entry.ts";
import type { Rpc } from "./model.ts";

type When = Pick<Entry, "entry" | "atMs" | "connection">;

/** A call that may still be answered. */
export type OpenRpc = { -readonly [Key in keyof Rpc]: Rpc[Key] };

/** A call as its request begins it. */
export function beginRpc(when: When, frame: RequestFrame): OpenRpc {
  return {
    connection: when.connection,
    id: frame.id,
    method: frame.method,
    idempotencyKey: textOf(frame.params, "idempotencyKey"),
    deviceId: textOf(frame.params, "deviceId"),
    traceparent: frame.traceparent,
    requestEntry: when.entry,
    responseEntry: null,
    startMs: when.atMs,
    durationMs: null,
    ok: null,
    error: null,
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
    return textOf(payload, "status") === "accepted" ? "accepted" : "answered";
  }
  rpc.final = { responseEntry: when.entry, durationMs, ok, error };
  return "answered";
}

function textOf(params: unknown, name: string): string | null {
  if (typeof params !== "object" || params === null) return null;
  const value: unknown = Reflect.get(params, name);
  return typeof value === "string" ? value : null;
}
