import type { Connection } from "./model.ts";

/** What became of a connection, as far as a gap does not hide it. */
export function outcomeOf({
  handshake: { hello, refusal },
  upgrade,
  http,
  close,
  gaps,
}: Pick<Connection, "handshake" | "upgrade" | "http" | "close" | "gaps">): Connection["outcome"] {
  if (hello !== null) return "accepted";
  const upgradeRefused = (upgrade?.status ?? 101) !== 101;
  // After a plain HTTP answer it is the server's right to close.
  const isPlainHttp = upgrade === null && http.length > 0;
  const endedByGateway = !isPlainHttp && close?.by === "gateway";
  const mayBeAccepted = gaps.some(({ side }) => side !== "client");
  return refusal !== null || upgradeRefused || (endedByGateway && !mayBeAccepted)
    ? "refused"
    : "incomplete";
}
