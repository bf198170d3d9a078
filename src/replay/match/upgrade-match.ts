import { isForwardingHeader } from "../../gateway/address.ts";
import { headerValue, type Headers } from "../../wire/message.ts";
import type { ScriptedConnection } from "../script/script.ts";

/** The head of an upgrade. */
export interface UpgradeHead {
  readonly target: string;
  readonly headers: Headers;
}

/**
 * Finds the recorded connection whose upgrade was refused, dropped, or ended before any client could speak, when it is its
 * turn: who the client is cannot be known yet, so only what the upgrade looks like and the recorded order count.
 * `arriving` live connections have not said who they are; each will take one that did get to speak.
 */
export function findEarlyEnding(
  open: readonly ScriptedConnection[],
  live: UpgradeHead,
  arriving: number,
): ScriptedConnection | null {
  const alike = open.filter(
    ({ upgrade }) => upgrade !== null && shapeOf(upgrade) === shapeOf(live),
  );
  // A client that forwards nobody is never told what one was told that does.
  const others = open.filter(({ upgrade }) => isForwarded(upgrade) === isForwarded(live));
  const candidates = alike.length > 0 ? alike : others;
  let ahead = arriving;
  for (const connection of candidates) {
    if (endsEarly(connection)) return connection;
    if (ahead === 0) return null;
    ahead -= 1;
  }
  return null;
}

/**
 * Finds how a recorded client was refused for forwarding somebody: the peer is no trusted proxy then, and every other client
 * that forwards is refused like it. Null when the live one forwards nobody, or none was refused.
 */
export function findForwardingRefusal(
  connections: readonly ScriptedConnection[],
  live: UpgradeHead,
): ScriptedConnection | null {
  const forwarded = connections.filter(({ upgrade }) => upgrade !== null && isForwarded(upgrade));
  if (!isForwarded(live) || !forwarded.every(({ refusal }) => refusal?.status === 403)) return null;
  return forwarded[0] ?? null;
}

/** Whether two upgrades look alike to a Gateway that decides by them: path, Origin, forwarding and credential headers. */
export function isSameUpgrade(recorded: UpgradeHead, live: UpgradeHead): boolean {
  return shapeOf(recorded) === shapeOf(live);
}

/** True when a client never spoke and the Gateway ended the connection at once. */
function endsEarly({ opening, challenge, requests, actions }: ScriptedConnection): boolean {
  if (opening !== "accepted") return true;
  return challenge === null && requests.length === 0 && actions.length > 0;
}

function shapeOf({ target, headers }: UpgradeHead): string {
  const forwarding = headers
    .map(([name]) => name.toLowerCase())
    .filter(isForwardingHeader)
    .toSorted();
  return JSON.stringify([
    target.split("?")[0],
    headerValue(headers, "origin") !== null,
    headerValue(headers, "authorization") !== null,
    forwarding,
  ]);
}

/** The Origin header of an upgrade; null when there is none. */
export function originOf(upgrade: UpgradeHead | null): string | null {
  return headerValue(upgrade?.headers ?? [], "origin");
}

/** True when an upgrade says that it forwards somebody. */
export function isForwarded(upgrade: UpgradeHead | null): boolean {
  return (upgrade?.headers ?? []).some(([name]) => isForwardingHeader(name));
}
