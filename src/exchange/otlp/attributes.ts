interface Says {
  /** On which spans it stands. */
  readonly on: "connection" | "call" | "both" | "event";
  readonly says: string;
}

/**
 * Every attribute that a span may have. Names without a prefix of ours are those of the OpenTelemetry semantic conventions;
 * `openclaw.gateway.*` is what crossed the wire (`openclaw.gateway.rpc.method` is OpenClaw's own name for it), `gw_trace.*`
 * what gw-trace made of it.
 */
export const OTLP_ATTRIBUTES = {
  "rpc.system.name": { on: "call", says: "`openclaw`" },
  "rpc.method": { on: "call", says: "the method; `connect` for the handshake" },
  "rpc.response.status_code": { on: "call", says: "the code of an error answer" },
  "error.type": {
    on: "both",
    says: "the code in the details of an error answer, else its code; the status of a refused upgrade; else the code of the finding",
  },
  "server.address": { on: "both", says: "the Gateway's host, as in the URL recorded" },
  "server.port": { on: "both", says: "its port" },
  "network.peer.address": { on: "connection", says: "the Gateway's address" },
  "network.peer.port": { on: "connection", says: "its port" },
  "network.transport": { on: "connection", says: "`tcp`" },
  "network.protocol.name": { on: "connection", says: "`websocket`, or `http` without an upgrade" },
  "client.address": { on: "connection", says: "where the client came from, as the tap saw it" },
  "client.port": { on: "connection", says: "its port" },
  "http.request.method": { on: "call", says: "of a plain HTTP call on the Gateway's port" },
  "http.response.status_code": { on: "both", says: "of such a call, or of the upgrade" },
  "url.path": { on: "call", says: "of such a call, without its query" },
  "openclaw.gateway.version": { on: "both", says: "the Gateway's version, from `hello-ok`" },
  "openclaw.gateway.protocol": { on: "connection", says: "the protocol agreed on" },
  "openclaw.gateway.client.id": { on: "both", says: "the kind of client" },
  "openclaw.gateway.client.mode": { on: "both", says: "its mode" },
  "openclaw.gateway.client.version": { on: "connection", says: "its version" },
  "openclaw.gateway.client.platform": { on: "connection", says: "its platform" },
  "openclaw.gateway.role": { on: "both", says: "the role asked for" },
  "openclaw.gateway.device": { on: "both", says: "the first 12 characters of the device id" },
  "openclaw.gateway.auth": { on: "connection", says: "the kinds of credential in `connect`" },
  "openclaw.gateway.scopes.requested": { on: "both", says: "the scopes asked for" },
  "openclaw.gateway.scopes.granted": { on: "both", says: "those that `hello-ok` reports" },
  "openclaw.gateway.close.code": { on: "connection", says: "the WebSocket close code" },
  "openclaw.gateway.close.reason": { on: "connection", says: "its reason" },
  "openclaw.gateway.close.by": { on: "connection", says: "`client`, `gateway` or `tap`" },
  "openclaw.gateway.rpc.method": {
    on: "call",
    says: "the method, as OpenClaw's own spans name it",
  },
  "openclaw.gateway.rpc.id": { on: "call", says: "the request's id" },
  "openclaw.gateway.rpc.ok": {
    on: "call",
    says: "the last answer's `ok`; absent without an answer",
  },
  "openclaw.gateway.rpc.error.message": { on: "call", says: "the message of an error answer" },
  "openclaw.gateway.rpc.first_response_ms": {
    on: "call",
    says: "when `accepted` came, where a second answer ended the call",
  },
  "openclaw.gateway.rpc.scope.missing": { on: "call", says: "the scope that the refusal names" },
  "openclaw.gateway.rpc.scopes.required": { on: "call", says: "all that it names as required" },
  "openclaw.gateway.event.name": { on: "event", says: "an event that the Gateway sent" },
  "openclaw.gateway.event.count": { on: "event", says: "how often; the time is that of the first" },
  "gw_trace.recording": { on: "both", says: "the recording's name" },
  "gw_trace.connection": { on: "both", says: "the connection's number in it" },
  "gw_trace.entry": { on: "both", says: "the entry where it begins" },
  "gw_trace.outcome": { on: "connection", says: "`accepted`, `refused` or `incomplete`" },
  "gw_trace.peer.loopback": { on: "connection", says: "whether the Gateway saw a loopback peer" },
  "gw_trace.scopes.effective": { on: "connection", says: "what the connection could really do" },
  "gw_trace.scopes.effective_from": { on: "connection", says: "`calls`, `rule` or `hello`" },
  "gw_trace.scope.needed": { on: "call", says: "what the method needs at least on that version" },
  "gw_trace.messages": { on: "connection", says: "WebSocket messages" },
  "gw_trace.calls": { on: "connection", says: "requests, without `connect`" },
  "gw_trace.calls.failed": { on: "connection", says: "those refused" },
  "gw_trace.findings": { on: "both", says: "the codes of the findings" },
  "gw_trace.finding.code": { on: "event", says: "a finding" },
  "gw_trace.finding.severity": { on: "event", says: "`error`, `warning` or `info`" },
  "gw_trace.finding.title": { on: "event", says: "what is wrong" },
  "gw_trace.finding.why": { on: "event", says: "why" },
  "gw_trace.finding.fix": { on: "event", says: "what to do" },
  "gw_trace.finding.evidence": { on: "event", says: "the entries that prove it" },
} as const satisfies Record<string, Says>;

/** The name of an attribute, as in the table. */
export type OtlpAttributeName = keyof typeof OTLP_ATTRIBUTES;

/** The table as Markdown, for the page beside this file. */
export function renderOtlpAttributesMarkdown(): string {
  const rows = Object.entries(OTLP_ATTRIBUTES).map(
    ([name, { on, says }]) => `| \`${name}\` | ${on} | ${says} |`,
  );
  return ["| attribute | on | is |", "| --- | --- | --- |", ...rows, ""].join("\n");
}
