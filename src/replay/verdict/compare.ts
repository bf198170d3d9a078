import type { ConnectRequest } from "../../gateway/connect.ts";
import type { ValueDifference } from "../../diff/compare-values.ts";
import type { Connection, Rpc } from "../../trace/model.ts";
import type { NearestRequest } from "../match/request-book.ts";
import type { Outcome, RecordedAnswer } from "../script/script.ts";
import { describeGaps, whyCallIsUnseen, whyConnectIsUnseen } from "../script/unseen.ts";

/**
 * Where an answer is from: said to the same request in the recording; from a rule and recorded evidence; not known; or said by a real
 * Gateway now.
 */
export type Grade = "recorded" | "derived" | "unknown" | "live";

/** How a live request or connection relates to the recording. `again` repeats what was played before; `held-back` was not sent on purpose. */
export type PlayedAs = "same" | "again" | "differing" | "unmatched" | "never" | "held-back";

/** How a handshake came out. */
export interface HandshakeOutcome extends Outcome {
  /** `error.details.code` of a refusal, which is more precise than its code. */
  readonly detailCode: string | null;
}

/** What two traces by themselves do not say about an answer: how it was arrived at. */
interface Origin {
  readonly as: PlayedAs;
  /** Null when nothing was answered, as nothing was asked. */
  readonly grade: Grade | null;
  /** Where a derived answer is from. */
  readonly source: string | null;
  /** What would have to be known to answer, or why it was not asked. */
  readonly missing: string | null;
}

/** A request of one trace tied to one of the other; of a message that is no request, only the entry is known. */
export interface TiedCall extends Origin {
  /** The recorded request's entry. */
  readonly entry: number | null;
  /** The entry of the live one in the replay's own recording. */
  readonly liveEntry: number | null;
  readonly method: string | null;
  /** What was said of a call after its derived answer, or why nothing was; null where that is as recorded. */
  readonly aftermath: string | null;
  readonly difference: ValueDifference | null;
  readonly nearest: NearestRequest | null;
}

/** A live connection tied to a recorded one; one of them may be missing. */
export interface TiedConnection extends Origin {
  readonly live: Connection | null;
  readonly recording: string | null;
  readonly recorded: Connection | null;
  readonly differences: readonly ValueDifference[];
  readonly calls: readonly TiedCall[];
}

/** One request: asked and recorded, asked only, or recorded only (`never`). */
export interface PlayedRpc extends Omit<TiedCall, "liveEntry"> {
  readonly recorded: RecordedAnswer | null;
  /** How it came out now; null when that is not known, or nothing was answered. */
  readonly replayed: Outcome | null;
  /** Why the recording does not show how it came out in the end; null when it does. */
  readonly unseen: string | null;
}

/** One connection: live and recorded, live only, or recorded only (`never`). The handshake is not among the rpcs. */
export interface PlayedConnection extends Origin {
  /** The number in the replay's own recording. */
  readonly live: number | null;
  readonly recording: string | null;
  readonly connection: number | null;
  /** `id/mode role`, as far as known. */
  readonly client: string | null;
  /** How the recorded handshake came out; null when it did not, or the client asked for nothing. */
  readonly recorded: HandshakeOutcome | null;
  readonly replayed: HandshakeOutcome | null;
  /** What the connection could do in the recording, and what it can now; null where it was not let in. */
  readonly scopes: {
    readonly before: readonly string[] | null;
    readonly after: readonly string[] | null;
  };
  readonly differences: readonly ValueDifference[];
  /** Why the recording does not show how the handshake came out; null when it does. */
  readonly unseen: string | null;
  /** What of the recorded connection was not recorded, and so cannot be played; null when nothing is missing. */
  readonly gaps: string | null;
  readonly rpcs: readonly PlayedRpc[];
}

/** Compares what was recorded with what the replay recorded, handshake and calls. */
export function compareConnection(tied: TiedConnection): PlayedConnection {
  const { live, recording, recorded, as, grade, source, missing, differences, calls } = tied;
  const isKnown = grade !== "unknown" && live !== null;
  const before = rpcsByEntry(recorded);
  const after = rpcsByEntry(live);
  return {
    live: live?.id ?? null,
    recording,
    connection: recorded?.id ?? null,
    client: clientLabel((live ?? recorded)?.handshake.connect ?? null),
    as,
    grade,
    recorded: recorded === null ? null : handshakeOutcome(recorded),
    replayed: isKnown ? handshakeOutcome(live) : null,
    scopes: { before: scopesOf(recorded), after: isKnown ? scopesOf(live) : null },
    source,
    missing,
    differences,
    unseen: recorded === null ? null : whyConnectIsUnseen(recorded),
    gaps: recorded === null ? null : describeGaps(recorded),
    rpcs: calls.map((call) => compareCall(call, recorded, before, after)),
  };
}

function compareCall(
  { liveEntry, ...call }: TiedCall,
  traced: Connection | null,
  before: ReadonlyMap<number, Rpc>,
  after: ReadonlyMap<number, Rpc>,
): PlayedRpc {
  const recorded = before.get(call.entry ?? 0);
  const outcome = recorded === undefined ? null : rpcOutcome(recorded);
  const live = call.grade === "unknown" ? undefined : after.get(liveEntry ?? 0);
  return {
    ...call,
    recorded: outcome === null ? null : { entry: recorded?.responseEntry ?? 0, ...outcome },
    replayed: live === undefined ? null : rpcOutcome(live),
    unseen: recorded === undefined || traced === null ? null : whyCallIsUnseen(traced, recorded),
  };
}

function rpcsByEntry(connection: Connection | null): ReadonlyMap<number, Rpc> {
  return new Map(connection?.rpcs.map((rpc) => [rpc.requestEntry, rpc]));
}

function rpcOutcome({ ok, error, final }: Rpc): Outcome | null {
  if (ok === null) return null;
  const failed = error ?? final?.error ?? null;
  return {
    ok: ok && final?.ok !== false,
    errorCode: failed?.code || null,
    errorMessage: failed?.message || null,
  };
}

function handshakeOutcome(connection: Connection): HandshakeOutcome | null {
  const { outcome, handshake, upgrade, close } = connection;
  if (outcome === "accepted") {
    return { ok: true, errorCode: null, errorMessage: null, detailCode: null };
  }
  const { refusal, connectEntry } = handshake;
  if (refusal !== null) return refusedFor(refusal.code, refusal.message, refusal.detailCode);
  const status = upgrade?.status ?? null;
  if (status !== null && status !== 101) return refusedFor(`HTTP ${status}`);
  // A client that said nothing before the Gateway closed was refused nothing.
  if (outcome === "incomplete" || (status === 101 && connectEntry === null)) return null;
  return refusedFor(`closed ${close?.code ?? ""}`.trim(), close?.reason || null);
}

function refusedFor(
  errorCode: string,
  errorMessage: string | null = null,
  detailCode: string | null = null,
): HandshakeOutcome {
  return { ok: false, errorCode, errorMessage, detailCode };
}

/** What a connection could do; null when it was not let in. */
export function scopesOf(connection: Connection | null): readonly string[] | null {
  return connection?.outcome === "accepted" ? connection.scopes.effective : null;
}

/** `cli/cli operator`, or null when the client never said. */
export function clientLabel(connect: ConnectRequest | null): string | null {
  if (connect === null) return null;
  return `${connect.client.id}/${connect.client.mode} ${connect.role}`;
}
