import type { Connection } from "../../trace/model.ts";
import type { DerivedNote } from "../derive/live-derivation.ts";
import type { WorldDecision } from "../derive/world.ts";
import type { Counterpart } from "../match/counterparts.ts";
import type { RequestMatch } from "../match/request-book.ts";
import type { ScriptedConnection, ScriptedRequest } from "../script/script.ts";
import type { Grade, TiedCall, TiedConnection } from "./compare.ts";

/** Ties a live connection to its counterpart. `derived` is what the rules decided, where the recorded answer did not stand. */
export function tieConnection(
  live: Connection | null,
  counterpart: Counterpart | null,
  derived: WorldDecision | null,
  calls: readonly TiedCall[],
): TiedConnection {
  const decision = derived?.decision ?? null;
  const isSame = counterpart !== null && counterpart.differences.length === 0 && derived === null;
  const isDerived = decision !== null && decision.kind !== "unknown";
  const isDiffering = counterpart !== null && !isSame;
  return {
    live,
    recording: counterpart?.connection.recording ?? null,
    recorded: counterpart?.connection.traced ?? null,
    as: isDiffering ? "differing" : counterpart === null ? "unmatched" : counterpart.again ? "again" : "same", // prettier-ignore
    grade: isSame ? "recorded" : isDerived ? "derived" : "unknown",
    source: isDerived ? (derived?.source ?? null) : null,
    missing: decision?.kind === "unknown" ? decision.missing : null,
    differences: counterpart?.differences ?? [],
    calls,
  };
}

/** Ties a live client whose upgrade was refused or dropped, in a recorded one's place or, where derived, like it. */
export function tieEarly(
  { recording, id, traced }: ScriptedConnection,
  live: Connection | null,
  grade: Grade,
  differences: TiedConnection["differences"],
): TiedConnection {
  const told = { ...NOTHING_TOLD, live, grade, differences, calls: [] };
  if (grade === "derived") {
    return { ...told, ...NOBODY, as: "unmatched", source: `${recording}, connection ${id}` };
  }
  return {
    ...told,
    recording,
    recorded: traced,
    as: differences.length === 0 ? "same" : "differing",
  };
}

/** A recorded connection that nobody opened. */
export function neverOpened({ recording, traced, requests }: ScriptedConnection): TiedConnection {
  const calls = requests.filter(({ method }) => method !== "connect").map(neverAsked);
  const never = { as: "never", live: null, grade: null, differences: [] } as const;
  return { ...NOTHING_TOLD, ...never, recording, recorded: traced, calls };
}

/** A live request: what it was matched with, and how it was answered. There may be very many, so it holds no more than that. */
export interface HeardCall {
  /** Null where the recorded request says it: the live text would keep all that it was read from in memory. */
  readonly method: string | null;
  readonly liveEntry: number;
  readonly match: RequestMatch;
  /** How it was answered where that was derived. */
  readonly note: DerivedNote | null;
}

/** Ties a live request to the recorded one. */
export function tieCall({ method, liveEntry, match, note }: HeardCall): TiedCall {
  const request = match.kind === "unmatched" ? null : match.request;
  const isSame = note === null && (match.kind === "same" || match.kind === "again");
  return {
    method: request?.method ?? method,
    as: match.kind,
    grade: isSame ? "recorded" : note?.source ? "derived" : "unknown",
    entry: request?.entry ?? null,
    liveEntry,
    source: note?.source ?? null,
    missing: note?.missing ?? null,
    aftermath: note?.aftermath ?? null,
    difference: match.kind === "differing" ? match.difference : null,
    nearest: match.kind === "unmatched" ? match.nearest : null,
  };
}

/** A recorded request that no live client asked. */
export function neverAsked({ method, entry }: Pick<ScriptedRequest, "method" | "entry">): TiedCall {
  const never = { as: "never", grade: null, liveEntry: null } as const;
  return {
    ...NOTHING_TOLD,
    ...never,
    method,
    entry,
    aftermath: null,
    difference: null,
    nearest: null,
  };
}

const NOTHING_TOLD = { source: null, missing: null };
const NOBODY = { recording: null, recorded: null };
