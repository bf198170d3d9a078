import type { ConnectRequest } from "../../gateway/connect.ts";
import type { Cast } from "../match/casting.ts";
import { outcomeOf } from "../derive/derive-handshake.ts";
import type { DerivedNote } from "../derive/derived-answers.ts";
import { effectiveScopes } from "../script/effective-scopes.ts";
import type { ScriptedConnection } from "../script/script.ts";
import type { RequestMatch } from "../match/request-book.ts";
import { clientLabel, type Grade, type PlayedConnection, type PlayedRpc } from "./played.ts";
import type { WorldDecision } from "../derive/world.ts";

/** What is known of a live connection when the verdict is asked for. */
export interface LiveFactsSoFar {
  readonly live: number;
  readonly cast: Cast | null;
  readonly identity: ConnectRequest | null;
  readonly derived: WorldDecision | null;
  readonly rpcs: readonly PlayedRpc[];
}

/** A live connection beside the recorded one, for the verdict. */
export function describePlayed(facts: LiveFactsSoFar): PlayedConnection {
  const { live, cast, identity, derived, rpcs } = facts;
  const before = cast === null ? null : effectiveScopes(cast.connection);
  const decision = derived?.decision ?? null;
  const isSame = cast !== null && cast.differences.length === 0 && derived === null;
  const recorded =
    cast === null || cast.connection.identity === null
      ? null
      : (cast.connection.requests[0]?.answer ?? null);
  const isDerived = decision !== null && decision.kind !== "unknown";
  const playedScopes = isSame ? before : null;
  return {
    live,
    recording: cast?.connection.recording ?? null,
    connection: cast?.connection.id ?? null,
    client: clientLabel(identity),
    as: playedAs(cast, derived),
    grade: isSame ? "recorded" : isDerived ? "derived" : "unknown",
    recorded,
    replayed: isSame ? recorded : isDerived ? outcomeOf(decision) : null,
    scopes: { before, after: decision?.kind === "accepted" ? decision.scopes : playedScopes },
    source: isDerived ? (derived?.source ?? null) : null,
    missing: decision?.kind === "unknown" ? decision.missing : null,
    differences: cast?.differences ?? [],
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

function playedAs(cast: Cast | null, derived: WorldDecision | null): PlayedConnection["as"] {
  if (cast === null) return "unmatched";
  if (cast.differences.length > 0 || derived !== null) return "differing";
  return cast.again ? "again" : "same";
}
