import type { ConnectRequest } from "../../gateway/connect.ts";
import type { Counterpart } from "../match/counterparts.ts";
import { outcomeOf } from "../derive/derive-handshake.ts";
import type { DerivedNote } from "../derive/derived-answers.ts";
import type { ScriptedConnection } from "../script/script.ts";
import type { RequestMatch } from "../match/request-book.ts";
import {
  clientLabel,
  scopesOf,
  type Grade,
  type PlayedConnection,
  type PlayedRpc,
} from "./played.ts";
import type { WorldDecision } from "../derive/world.ts";

/** What is known of a live connection when the verdict is asked for. */
export interface LiveFactsSoFar {
  readonly live: number;
  readonly counterpart: Counterpart | null;
  readonly identity: ConnectRequest | null;
  readonly derived: WorldDecision | null;
  readonly rpcs: readonly PlayedRpc[];
}

/** A live connection beside the recorded one, for the verdict. */
export function describePlayed(facts: LiveFactsSoFar): PlayedConnection {
  const { live, counterpart, identity, derived, rpcs } = facts;
  const before = counterpart === null ? null : scopesOf(counterpart.connection.traced);
  const decision = derived?.decision ?? null;
  const isSame = counterpart !== null && counterpart.differences.length === 0 && derived === null;
  const recorded =
    counterpart === null || counterpart.connection.traced.handshake.connect === null
      ? null
      : (counterpart.connection.requests[0]?.answer ?? null);
  const isDerived = decision !== null && decision.kind !== "unknown";
  const playedScopes = isSame ? before : null;
  return {
    live,
    recording: counterpart?.connection.recording ?? null,
    connection: counterpart?.connection.id ?? null,
    client: clientLabel(identity),
    as: playedAs(counterpart, derived),
    grade: isSame ? "recorded" : isDerived ? "derived" : "unknown",
    recorded,
    replayed: isSame ? recorded : isDerived ? outcomeOf(decision) : null,
    scopes: { before, after: decision?.kind === "accepted" ? decision.scopes : playedScopes },
    source: isDerived ? (derived?.source ?? null) : null,
    missing: decision?.kind === "unknown" ? decision.missing : null,
    differences: counterpart?.differences ?? [],
    rpcs,
  };
}

/** A live client whose upgrade was refused or dropped, in a recorded one's place or, where derived, like it. */
export function describeEarly(
  early: ScriptedConnection,
  live: number,
  grade: Grade,
  differences: PlayedConnection["differences"],
): PlayedConnection {
  const { recording, id } = early;
  const isDerived = grade === "derived";
  return {
    live,
    recording: isDerived ? null : recording,
    connection: isDerived ? null : id,
    client: null,
    as: isDerived ? "unmatched" : differences.length === 0 ? "same" : "differing",
    grade,
    recorded: null,
    replayed: null,
    scopes: { before: null, after: null },
    source: isDerived ? `${recording}, connection ${id}` : null,
    missing: null,
    differences,
    rpcs: [],
  };
}

/** A live request beside the recorded one, for the verdict. `note` says how it was answered where that was derived. */
export function describeRpc(
  method: string | null,
  match: RequestMatch,
  note: DerivedNote | null,
): PlayedRpc {
  const request = match.kind === "unmatched" ? null : match.request;
  const recorded = request?.answer ?? null;
  const isSame = note === null && (match.kind === "same" || match.kind === "again");
  return {
    // The recorded text, which is the same: the live one would keep all that it was read from in memory.
    method: request === null ? method : request.method,
    as: match.kind,
    grade: isSame ? "recorded" : note?.replayed ? "derived" : "unknown",
    entry: request?.entry ?? null,
    recorded,
    replayed: isSame ? recorded : (note?.replayed ?? null),
    source: note?.source ?? null,
    aftermath: note?.aftermath ?? null,
    missing: note?.missing ?? null,
    difference: match.kind === "differing" ? match.difference : null,
    nearest: match.kind === "unmatched" ? match.nearest : null,
  };
}

function playedAs(
  counterpart: Counterpart | null,
  derived: WorldDecision | null,
): PlayedConnection["as"] {
  if (counterpart === null) return "unmatched";
  if (counterpart.differences.length > 0 || derived !== null) return "differing";
  return counterpart.again ? "again" : "same";
}
