import type { Finding } from "../../findings/finding.ts";
import { findingsByConnection } from "../../findings/rule.ts";
import type { Connection, Rpc, Trace } from "../../trace/model.ts";
import { buildHandshakeSpan, buildHttpSpan, buildRpcSpan, errorTypeOf } from "./calls.ts";
import { buildContext, buildSpan, splitAddress, type OtlpContext } from "./context.ts";
import { buildFindingEvent, codesOf, errorOf } from "./findings.ts";
import { joinedTrace, rpcSpanIdOf, toUnixMs, type OtlpOrigin } from "./origin.ts";
import { attributesOf, MAX_EVENTS } from "./span.ts";
import type { LooseAttributes, OtlpEvent, OtlpLink, OtlpSpan } from "./span.ts";

/** A recording as OpenTelemetry spans: a trace for each connection, with its handshake and its calls below it. */
export function buildOtlpSpans(
  { recording, connections }: Trace,
  findings: readonly Finding[],
): readonly OtlpSpan[] {
  const findingsOf = findingsByConnection(findings, recording.name);
  return connections.flatMap((connection) =>
    buildConnectionSpans(recording, connection, findingsOf(connection.id)),
  );
}

/** A connection with all its calls as spans, the root first. */
function buildConnectionSpans(
  origin: OtlpOrigin,
  connection: Connection,
  findings: readonly Finding[],
): readonly OtlpSpan[] {
  const context = buildContext(origin, connection);
  const endMs = endOf(connection);
  return [
    buildRootSpan(context, connection, findings, endMs),
    ...buildHandshakeSpan(context, connection, endMs),
    ...connection.http.map((call, index) => buildHttpSpan(context, call, index, endMs)),
    ...connection.rpcs.map((rpc) =>
      buildRpcSpan(context, rpc, findingsOfRpc(findings, rpc), endMs),
    ),
  ];
}

/** The findings that are about that call. */
function findingsOfRpc(findings: readonly Finding[], rpc: Rpc): readonly Finding[] {
  return findings.filter(
    ({ rpc: about, evidence }) => about !== null && evidence.includes(rpc.requestEntry),
  );
}

/** The link to the span of a call that joined its caller's trace; none for other calls. */
function joinedLink({ traceId }: OtlpContext, rpc: Rpc): readonly OtlpLink[] {
  const joined = joinedTrace(rpc);
  if (joined === null) return [];
  return [{ traceId: joined.traceId, spanId: rpcSpanIdOf(traceId, rpc), isRemote: false }];
}

/** When it ended, or else the last that is known of it. */
export function endOf({ openedMs, close, handshake, rpcs, events }: Connection): number {
  if (close !== null) return close.atMs;
  const { connectMs, answerMs } = handshake;
  let endMs = Math.max(openedMs, connectMs ?? 0, answerMs ?? 0);
  for (const { startMs, durationMs, final } of rpcs)
    endMs = Math.max(endMs, startMs + (final?.durationMs ?? durationMs ?? 0));
  for (const { lastMs } of events) endMs = Math.max(endMs, lastMs);
  return endMs;
}

function buildRootSpan(
  context: OtlpContext,
  connection: Connection,
  findings: readonly Finding[],
  endMs: number,
): OtlpSpan {
  const { origin, root } = context;
  const joined = connection.rpcs.flatMap((rpc) => joinedLink(context, rpc));
  const events = [
    ...findings.map((finding) => buildFindingEvent(finding, toUnixMs(origin, endMs))),
    ...buildEventEvents(origin, connection),
  ];
  return buildSpan(context, {
    spanId: root.spanId,
    parent: null,
    name: "openclaw.gateway.connection",
    kind: "internal",
    startMs: connection.openedMs,
    endMs,
    attributes: rootAttributes(connection, findings),
    events: events.slice(0, MAX_EVENTS),
    droppedEvents: Math.max(0, events.length - MAX_EVENTS),
    links: joined.slice(0, MAX_EVENTS),
    droppedLinks: Math.max(0, joined.length - MAX_EVENTS),
    error: errorOf(findings),
  });
}

// Each kind of event once: Gateways send them by the thousand.
function buildEventEvents(origin: OtlpOrigin, { events }: Connection): readonly OtlpEvent[] {
  return events.map(({ event, count, firstMs }) => ({
    name: "openclaw.gateway.event",
    unixMs: toUnixMs(origin, firstMs),
    attributes: attributesOf({
      "openclaw.gateway.event.name": event,
      "openclaw.gateway.event.count": count,
    }),
  }));
}

function rootAttributes(connection: Connection, findings: readonly Finding[]): LooseAttributes {
  const { handshake, scopes, upgrade, close, rpcs } = connection;
  const { connect, hello } = handshake;
  const gateway = splitAddress(connection.gatewayAddress);
  const client = splitAddress(connection.clientAddress);
  return {
    "gw_trace.entry": connection.openedEntry,
    "network.peer.address": gateway.host,
    "network.peer.port": gateway.port,
    "network.transport": "tcp",
    "network.protocol.name": upgrade === null ? "http" : "websocket",
    "client.address": client.host,
    "client.port": client.port,
    "http.response.status_code": upgrade?.status,
    "error.type": rootErrorType(connection, findings),
    "openclaw.gateway.protocol": hello?.protocol,
    "openclaw.gateway.client.version": connect?.client.version,
    "openclaw.gateway.client.platform": connect?.client.platform,
    "openclaw.gateway.auth": connect?.authKinds,
    "openclaw.gateway.close.code": close?.code,
    "openclaw.gateway.close.reason": close?.reason,
    "openclaw.gateway.close.by": close?.by,
    "gw_trace.outcome": connection.outcome,
    "gw_trace.peer.loopback": connection.peerIsLoopback,
    "gw_trace.scopes.effective": hello === null ? null : scopes.effective,
    "gw_trace.scopes.effective_from": hello === null ? null : scopes.effectiveFrom,
    "gw_trace.messages": connection.messageCount,
    "gw_trace.calls": rpcs.length,
    "gw_trace.calls.failed": rpcs.filter(({ ok }) => ok === false).length,
    "gw_trace.findings": codesOf(findings),
  };
}

function rootErrorType(
  { handshake, upgrade }: Connection,
  findings: readonly Finding[],
): string | null {
  if (handshake.refusal !== null) return errorTypeOf(handshake.refusal);
  const status = upgrade?.status ?? 101;
  if (status !== 101) return String(status);
  return findings.find(({ severity }) => severity === "error")?.code ?? null;
}
