import type { ConnectRequest } from "../../gateway/connect.ts";
import { compareValues, type ValueDifference } from "../../diff/compare-values.ts";
import type { ScriptedConnection } from "../script/script.ts";

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
