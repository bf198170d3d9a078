import type { Refusal } from "../../gateway/connect.ts";
import type { Connection } from "../../trace/model.ts";
import { errorTypeOf } from "./calls.ts";
import type { OtlpContext } from "./context.ts";
import { handshakeSpanIdOf, toUnixMs } from "./origin.ts";
import { attributesOf, type OtlpAttributes, type OtlpSpan } from "./span.ts";

/**
 * The handshake as a span, from the `connect` request to its answer, or to `endMs` without one; null where no `connect` was
 * seen. A `traceparent` on it means nothing to a Gateway, so it joins no trace.
 */
export function buildHandshakeSpan(
  { origin, traceId, root, attributes }: OtlpContext,
  { handshake }: Connection,
  endMs: number,
): OtlpSpan | null {
  const { connectEntry, connectMs, answerMs, hello, refusal } = handshake;
  if (connectEntry === null || connectMs === null) return null;
  return {
    traceId,
    spanId: handshakeSpanIdOf(traceId),
    parent: root,
    name: "connect",
    kind: "client",
    startUnixMs: toUnixMs(origin, connectMs),
    endUnixMs: toUnixMs(origin, Math.max(connectMs, answerMs ?? endMs)),
    attributes: {
      ...attributes,
      ...attributesOf({
        "gw_trace.entry": connectEntry,
        "rpc.system.name": "openclaw",
        "rpc.method": "connect",
        "openclaw.gateway.rpc.method": "connect",
        "openclaw.gateway.rpc.ok": hello === null && refusal === null ? null : refusal === null,
      }),
      ...(refusal === null ? {} : refusalAttributes(refusal)),
    },
    events: [],
    droppedEvents: 0,
    links: [],
    droppedLinks: 0,
    error: refusal === null ? null : refusal.message || refusal.code,
  };
}

function refusalAttributes(refusal: Refusal): OtlpAttributes {
  return attributesOf({
    "rpc.response.status_code": refusal.code,
    "error.type": errorTypeOf(refusal),
    "openclaw.gateway.rpc.error.message": refusal.message,
  });
}
