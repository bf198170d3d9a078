import type { Finding } from "../../findings/finding.ts";
import { NOT_MEASURED } from "../../gateway/measured.ts";
import { methodScope } from "../../gateway/profile.ts";
import { parseScopeRefusal } from "../../gateway/scopes.ts";
import type { FrameError } from "../../gateway/frame.ts";
import type { Connection, HttpCall, Rpc } from "../../trace/model.ts";
import { buildSpan, type OtlpContext } from "./context.ts";
import { buildFindingEvent, codesOf, errorOf } from "./findings.ts";
import { handshakeSpanIdOf, httpSpanIdOf, joinedTrace, rpcSpanIdOf, toUnixMs } from "./origin.ts";
import type { LooseAttributes, OtlpLink, OtlpSpan } from "./span.ts";

/** `error.type`: the code in the answer's details where there is one, since up to three causes share an `error.code`. */
export function errorTypeOf({ code, details }: Pick<FrameError, "code" | "details">): string {
  const exact: unknown =
    typeof details === "object" && details !== null ? Reflect.get(details, "code") : null;
  return (typeof exact === "string" ? exact : code) || "_OTHER";
}

/** A call as a span; one without an answer ends with what is known of its connection, at `endMs`. */
export function buildRpcSpan(
  context: OtlpContext,
  rpc: Rpc,
  findings: readonly Finding[],
  endMs: number,
): OtlpSpan {
  const { origin, traceId, root } = context;
  const answer = rpc.final ?? rpc;
  const durationMs = answer.durationMs ?? Math.max(0, endMs - rpc.startMs);
  const endsMs = rpc.startMs + durationMs;
  const joined = joinedTrace(rpc);
  return buildSpan(context, {
    traceId: joined?.traceId ?? traceId,
    spanId: rpcSpanIdOf(traceId, rpc),
    parent: joined === null ? root : { spanId: joined.spanId, isRemote: true },
    name: rpc.method,
    startMs: rpc.startMs,
    endMs: endsMs,
    attributes: rpcAttributes(context, rpc, findings),
    events: findings.map((finding) => buildFindingEvent(finding, toUnixMs(origin, endsMs))),
    links: joined === null ? callerLinks(rpc) : [root],
    error: answer.ok === false ? errorText(answer.error) : errorOf(findings),
  });
}

// The caller's span, where the call could not become its child.
function callerLinks({ traceparent }: Rpc): readonly OtlpLink[] {
  if (traceparent === null) return [];
  const { traceId, spanId } = traceparent;
  return [{ traceId, spanId, isRemote: true }];
}

function errorText(error: Pick<FrameError, "message" | "code"> | null): string {
  return error === null ? "" : error.message || error.code;
}

/**
 * The handshake as a span, from the `connect` request to its answer, or to `endMs` without one; none where no `connect` was
 * seen. A `traceparent` on it means nothing to a Gateway, so it joins no trace.
 */
export function buildHandshakeSpan(
  context: OtlpContext,
  { handshake }: Connection,
  endMs: number,
): readonly OtlpSpan[] {
  const { connectEntry, connectMs, answerMs, hello, refusal } = handshake;
  if (connectEntry === null || connectMs === null) return [];
  const span = buildSpan(context, {
    spanId: handshakeSpanIdOf(context.traceId),
    name: "connect",
    startMs: connectMs,
    endMs: Math.max(connectMs, answerMs ?? endMs),
    attributes: {
      "gw_trace.entry": connectEntry,
      "rpc.system.name": "openclaw",
      "rpc.method": "connect",
      "rpc.response.status_code": refusal?.code,
      "error.type": refusal === null ? null : errorTypeOf(refusal),
      "openclaw.gateway.rpc.method": "connect",
      "openclaw.gateway.rpc.ok": hello === null && refusal === null ? null : refusal === null,
      "openclaw.gateway.rpc.error.message": refusal?.message,
    },
    error: refusal === null ? null : errorText(refusal),
  });
  return [span];
}

function rpcAttributes(
  { profile }: OtlpContext,
  rpc: Rpc,
  findings: readonly Finding[],
): LooseAttributes {
  const { ok, error } = rpc.final ?? rpc;
  const refusal = error === null ? null : parseScopeRefusal(error);
  const scope = methodScope(profile, rpc.method);
  return {
    "gw_trace.entry": rpc.requestEntry,
    "rpc.system.name": "openclaw",
    "rpc.method": rpc.method,
    "rpc.response.status_code": error?.code,
    "error.type": error === null ? null : errorTypeOf(error),
    "openclaw.gateway.rpc.method": rpc.method,
    "openclaw.gateway.rpc.id": rpc.id,
    "openclaw.gateway.rpc.ok": ok,
    "openclaw.gateway.rpc.error.message": error?.message,
    "openclaw.gateway.rpc.first_response_ms": rpc.final === null ? null : rpc.durationMs,
    "openclaw.gateway.rpc.scope.missing": refusal?.missing,
    "openclaw.gateway.rpc.scopes.required": refusal?.required,
    "gw_trace.scope.needed": scope === NOT_MEASURED ? null : scope,
    "gw_trace.findings": codesOf(findings),
  };
}

/** A plain HTTP call on the Gateway's port as a span. */
export function buildHttpSpan(
  context: OtlpContext,
  call: HttpCall,
  index: number,
  endMs: number,
): OtlpSpan {
  const { traceId } = context;
  const { method, target, status, startMs } = call;
  const failed = status !== null && status >= 400;
  return buildSpan(context, {
    spanId: httpSpanIdOf(traceId, startMs, index),
    name: method,
    startMs,
    endMs: startMs + (call.durationMs ?? Math.max(0, endMs - startMs)),
    attributes: {
      "gw_trace.entry": call.requestEntry,
      "http.request.method": method,
      "http.response.status_code": status,
      "url.path": target.split(/[?#]/, 1)[0] ?? "",
      "error.type": failed ? String(status) : null,
    },
    error: failed ? `HTTP ${status}` : null,
  });
}
