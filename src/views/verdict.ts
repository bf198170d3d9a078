import type { Refusal } from "../gateway/connect.ts";
import { lackingScopes } from "../gateway/scopes.ts";
import type { Connection } from "../trace/model.ts";
import { toPrintable } from "./printable.ts";

/**
 * One connection judged in a word or two: `ok`, `SHORT -write` or `SHORT -all 6` (requested, but not effective), `DENIED -admin` (a call needed what
 * was never requested), `WIDER +admin` (hello-ok reports more than requested), `PAIRING scope-upgrade`, `REFUSED <cause>`,
 * `HTTP 200` (a plain call, no WebSocket), `UNKNOWN` (no answer to `connect` was seen) or `UNKNOWN scopes` (nothing tells what it may do).
 */
export function renderVerdict(connection: Connection): string {
  switch (connection.outcome) {
    case "refused":
      return renderRefused(connection);
    case "incomplete":
      return renderIncomplete(connection);
    case "accepted":
      return renderAccepted(connection);
  }
}

/** True when the verdict is one that a reader should look into. */
export function isProblem(connection: Connection): boolean {
  return !/^(?:ok|WIDER|UNKNOWN|HTTP [23])/.test(renderVerdict(connection));
}

function renderRefused(connection: Connection): string {
  const { refusal } = connection.handshake;
  if (refusal !== null) {
    if (isPairing(refusal)) return `PAIRING ${toPrintable(refusal.reason ?? "required")}`;
    return `REFUSED ${toPrintable(refusal.detailCode ?? (refusal.message || refusal.code))}`;
  }
  const status = connection.upgrade?.status ?? null;
  if (status !== null && status !== 101) return `REFUSED HTTP ${status}`;
  const { close } = connection;
  return ["REFUSED", close?.code ?? "", toPrintable(close?.reason ?? "")].join(" ").trimEnd();
}

// NOT_PAIRED alone says little: on some versions it also answers a client that sends no device identity, where nothing can be approved.
function isPairing({ code, detailCode, message }: Refusal): boolean {
  if (detailCode !== null) return detailCode === "PAIRING_REQUIRED";
  return code === "NOT_PAIRED" && /pairing/i.test(message);
}

function renderIncomplete({ upgrade, http }: Connection): string {
  const status = http.at(-1)?.status ?? null;
  return upgrade === null && status !== null ? `HTTP ${status}` : "UNKNOWN";
}

function renderAccepted({ scopes }: Connection): string {
  const { implies } = scopes;
  const requested = scopes.requested ?? [];
  const isKnown = scopes.effectiveFrom !== "unknown";
  const short = isKnown ? lackingScopes(requested, scopes.effective, implies) : [];
  if (short.length > 2 && scopes.effective.length === 0) return `SHORT -all ${short.length}`;
  if (short.length > 0) return `SHORT ${renderSigned("-", short)}`;
  const asked = new Set(requested);
  const denied = scopes.refuted.filter((scope) => !asked.has(scope));
  if (denied.length > 0) return `DENIED ${renderSigned("-", denied)}`;
  if (!isKnown) return "UNKNOWN scopes";
  const wider = lackingScopes(scopes.granted ?? [], requested, implies);
  return wider.length > 0 ? `WIDER ${renderSigned("+", wider)}` : "ok";
}

function renderSigned(sign: string, scopes: readonly string[]): string {
  const [first = "", second] = scopes.map((scope) => sign + toPrintable(shorten(scope)));
  if (second === undefined) return first;
  return scopes.length === 2 ? `${first} ${second}` : `${first} and ${scopes.length - 1} more`;
}

function shorten(scope: string): string {
  return scope.startsWith("operator.") ? scope.slice("operator.".length) : scope;
}
