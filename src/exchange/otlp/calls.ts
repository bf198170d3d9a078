import type { Finding } from "../../findings/finding.ts";
import { NOT_MEASURED } from "../../gateway/measured.ts";
import { methodScope } from "../../gateway/profile.ts";
import { parseScopeRefusal } from "../../gateway/scopes.ts";
import type { FrameError } from "../../gateway/frame.ts";
import type { HttpCall, Rpc } from "../../trace/model.ts";
import type { OtlpContext } from "./context.ts";
import { buildFindingEvent, codesOf, errorOf } from "./findings.ts";
import { httpSpanIdOf, joinedTrace, rpcSpanIdOf, toUnixMs } from "./origin.ts";
import { attributesOf, type OtlpLink, type OtlpSpan } from "./span.ts";

const NOTHING_DROPPED = { droppedEvents: 0, droppedLinks: 0 } as const;

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
  const endUnixMs = toUnixMs(origin, rpc.startMs + durationMs);
  const joined = joinedTrace(rpc);
  return {
    ...NOTHING_DROPPED,
    traceId: joined?.traceId ?? traceId,
    spanId: rpcSpanIdOf(traceId, rpc),
    parent: joined === null ? root : { spanId: joined.spanId, isRemote: true },
    name: rpc.method,
    kind: "client",
    startUnixMs: toUnixMs(origin, rpc.startMs),
    endUnixMs,
    attributes: { ...context.attributes, ...rpcAttributes(context, rpc, findings) },
    events: findings.map((finding) => buildFindingEvent(finding, endUnixMs)),
    links: joined === null ? callerLinks(rpc) : [root],
    error: answer.ok === false ? errorText(answer.error) : errorOf(findings),
  };
}

// The caller's span, where the call could not become its child.
function callerLinks({ traceparent }: Rpc): readonly OtlpLink[] {
  if (traceparent === null) return [];
  const { traceId, spanId } = traceparent;
  return [{ traceId, spanId, isRemote: true }];
}

function errorText(error: FrameError | null): string {
  return error === null ? "" : error.message || error.code;
}

function rpcAttributes(
  { profile }: OtlpContext,
  rpc: Rpc,
  findings: readonly Finding[],
): OtlpSpan["attributes"] {
  const { ok, error } = rpc.final ?? rpc;
  const refusal = error === null ? null : parseScopeRefusal(error);
  const scope = methodScope(profile, rpc.method);
  return attributesOf({
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
  });
}

/** A plain HTTP call on the Gateway's port as a span. */
export function buildHttpSpan(
  context: OtlpContext,
  call: HttpCall,
  index: number,
  endMs: number,
): OtlpSpan {
  const { origin, traceId, root, attributes } = context;
  const { method, target, status, startMs } = call;
  const durationMs = call.durationMs ?? Math.max(0, endMs - startMs);
  const failed = status !== null && status >= 400;
  return {
    ...NOTHING_DROPPED,
    traceId,
    spanId: httpSpanIdOf(traceId, startMs, index),
    parent: root,
    name: method,
    kind: "client",
    startUnixMs: toUnixMs(origin, startMs),
    endUnixMs: toUnixMs(origin, startMs + durationMs),
    attributes: {
      ...attributes,
      ...attributesOf({
        "gw_trace.entry": call.requestEntry,
        "http.request.method": method,
        "http.response.status_code": status,
        "url.path": target.split(/[?#]/, 1)[0] ?? "",
        "error.type": failed ? String(status) : null,
      }),
    },
    events: [],
    links: [],
    error: failed ? `HTTP ${status}` : null,
  };
}
