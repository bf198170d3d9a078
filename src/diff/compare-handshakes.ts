import { maskText } from "../gateway/volatile.ts";
import type { Connection } from "../trace/model.ts";
import type { FieldDifference } from "./model.ts";

interface Field {
  readonly field: string;
  /** Null where the recording does not say. Two connections are not compared in a field that either does not say. */
  readonly of: (connection: Connection) => string | null;
}

// What a reader should see first stands first: what came of it, the scopes, then who asked how.
const FIELDS: readonly Field[] = [
  // Where a gap may hide an answer or an end, nothing is known of it.
  { field: "outcome", of: ({ outcome, gaps }) => (outcome === "incomplete" && gaps.length > 0 ? null : outcome) },
  { field: "refusal", of: describeRefusal },
  { field: "HTTP upgrade", of: ({ upgrade }) => (upgrade === null ? "none" : `${upgrade.status ?? "no answer"}`) },
  { field: "requested scopes", of: ({ scopes, handshake }) => (handshake.connect === null ? null : nameScopes(scopes.requested)) },
  { field: "granted scopes", of: ({ scopes, outcome }) => (outcome === "accepted" ? nameScopes(scopes.granted) : null) },
  { field: "effective scopes", of: ({ scopes }) => nameScopes(scopes.effective) },
  { field: "role", of: ({ handshake }) => handshake.connect?.role ?? null },
  { field: "device identity", of: ({ handshake: { connect } }) => connect && (connect.device === null ? "none" : "sent") },
  { field: "credential", of: ({ handshake: { connect } }) => connect && (connect.authKinds.join(", ") || "none") },
  { field: "auth method", of: ({ handshake }) => handshake.hello?.auth?.method ?? null },
  { field: "device token", of: ({ handshake: { hello } }) => hello && (hello.auth?.deviceTokenIssued === true ? "issued" : "not issued") },
  { field: "peer the Gateway saw", of: ({ peerIsLoopback }) => peerIsLoopback === null ? null : peerIsLoopback ? "loopback" : "not loopback" },
  { field: "Origin header", of: ({ upgrade }) => upgrade && (upgrade.origin ?? "none") },
  { field: "forwarding headers", of: ({ upgrade }) => upgrade && (upgrade.forwardingHeaders.join(", ") || "none") },
  { field: "display name", of: ({ handshake: { connect } }) => connect && (connect.client.displayName ?? "none") },
  { field: "platform", of: ({ handshake }) => handshake.connect?.client.platform ?? null },
  { field: "protocol asked for", of: ({ handshake: { connect } }) => connect && `${connect.minProtocol ?? "?"} to ${connect.maxProtocol ?? "?"}` },
  // The close of a refused connection only repeats the refusal.
  { field: "close", of: describeClose },
  { field: "HTTP calls", of: ({ http }) => http.map(({ method, target, status, answerLost }) => `${method} ${target} ${status ?? (answerLost ? "not recorded" : "no answer")}`).join(", ") || "none" },
]; // prettier-ignore

/** What differs in how two connections came about and ended. Empty when nothing that matters does. */
export function compareHandshakes(a: Connection, b: Connection): readonly FieldDifference[] {
  return FIELDS.flatMap(({ field, of }) => {
    const [left, right] = [of(a), of(b)];
    if (left === null || right === null || maskText(left) === maskText(right)) return [];
    return [{ field, a: left, b: right }];
  });
}

/** How a connection came about and ended, by field; null where the recording does not say. */
export function describeHandshake(connection: Connection): Readonly<Record<string, string | null>> {
  return Object.fromEntries(FIELDS.map(({ field, of }) => [field, of(connection)]));
}

function describeRefusal({ handshake: { refusal }, close, outcome }: Connection): string {
  if (outcome !== "refused") return "none";
  if (refusal === null)
    return close === null || close.code === null
      ? "none"
      : `close ${close.code} ${close.reason}`.trimEnd();
  const codes = [refusal.code, refusal.detailCode, refusal.reason].filter((code) => code !== null);
  return `${codes.join(" ")}: ${refusal.message}`;
}

function describeClose({ outcome, close, gaps }: Connection): string | null {
  if (outcome !== "accepted" || (gaps.length > 0 && (close === null || close.code === null))) return null; // prettier-ignore
  if (close === null) return "still open";
  const reason = close.reason === "" ? "" : ` ${close.reason}`;
  return `${close.code ?? "none"}${reason} by ${close.by}`;
}

function nameScopes(scopes: readonly string[] | null): string {
  if (scopes === null) return "not said";
  return scopes.length === 0 ? "none" : scopes.toSorted().join(", ");
}
