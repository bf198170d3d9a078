import { isForwardingHeader } from "../../gateway/address.ts";
import type { ConnectRequest } from "../../gateway/connect.ts";
import { compareValues, type ValueDifference } from "../../diff/compare-values.ts";
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

/** How well a live `connect` fits a recorded connection. */
export interface ConnectComparison {
  /** What differs in who the client is and what it asks for; empty when the recorded answer is the answer. */
  readonly differences: readonly ValueDifference[];
  /** The sum of what differs, weighted by how much it says about who the client is. */
  readonly distance: number;
  /** What differs in all that was sent, such as display name, version and device id. Breaks ties. */
  readonly lightDifferences: number;
}

/** A live `connect`: what it says, and all that was sent. */
export interface LiveConnect {
  readonly identity: ConnectRequest;
  readonly params: unknown;
}

type Field = readonly [path: string, weight: number, read: (connect: ConnectRequest) => unknown];

// Who the client is weighs more than what it asks for: a fixed client asks for other scopes, yet it is the same client.
const FIELDS: readonly Field[] = [
  ["connect.client.id", 16, ({ client }) => client.id],
  ["connect.client.mode", 8, ({ client }) => client.mode],
  ["connect.role", 16, ({ role }) => role],
  ["connect.scopes", 4, ({ scopes }) => scopes?.toSorted() ?? null],
  ["connect.device", 2, ({ device }) => (device === null ? null : "present")],
  ["connect.auth", 1, ({ authKinds }) => authKinds],
];

/** Compares a live `connect` with the recorded one of a connection; null when nothing recorded was a `connect`. */
export function compareConnect(
  recorded: ScriptedConnection,
  live: LiveConnect,
): ConnectComparison | null {
  const { connect } = recorded.traced.handshake;
  const [first] = recorded.requests;
  if (connect === null || first?.method !== "connect") return null;
  let distance = 0;
  const differences: ValueDifference[] = [];
  for (const [path, weight, read] of FIELDS) {
    const [theirs, ours] = [JSON.stringify(read(connect)), JSON.stringify(read(live.identity))];
    if (theirs === ours) continue;
    distance += weight;
    differences.push({ path, recorded: theirs, live: ours });
  }
  const range = compareProtocol(recorded, connect, live.identity);
  if (range !== null) {
    distance += 1;
    differences.push(range);
  }
  const whole = compareValues(first.params, live.params, "connect", first.redacted);
  return { differences, distance, lightDifferences: whole.differences };
}

/** Another range of protocols matters only where the recorded answer would not be the answer to it. */
function compareProtocol(
  recorded: ScriptedConnection,
  theirs: ConnectRequest,
  ours: ConnectRequest,
): ValueDifference | null {
  const answered = recorded.traced.handshake.hello?.protocol ?? null;
  const [min, max] = [ours.minProtocol ?? 0, ours.maxProtocol ?? Infinity];
  // 2026.9.6 takes 3..3 from probes and nodes and then speaks 4: the same range is the same request.
  if (rangeOf(theirs) === rangeOf(ours)) return null;
  if (answered !== null && min <= answered && answered <= max) return null;
  return {
    path: "connect.maxProtocol",
    recorded: answered === null ? rangeOf(theirs) : String(answered),
    live: rangeOf(ours),
  };
}

function rangeOf({ minProtocol, maxProtocol }: ConnectRequest): string {
  return `${minProtocol ?? "?"}..${maxProtocol ?? "?"}`;
}
