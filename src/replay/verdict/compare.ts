import type { ConnectRequest } from "../../gateway/connect.ts";
import type { ValueDifference } from "../../diff/compare-values.ts";
import type { Connection, Rpc } from "../../trace/model.ts";
import type { NearestRequest, RequestMatch } from "../match/request-book.ts";
import {
  describeGaps,
  whyCallIsUnseen,
  whyConnectIsUnseen,
  type ScriptedConnection,
  type ScriptedRequest,
} from "../script/script.ts";
import type { DerivedNote } from "../derive/live-derivation.ts";
import type { WorldDecision } from "../derive/world.ts";
import type { Counterpart } from "../match/counterparts.ts";

/**
 * Where an answer is from: said to the same request in the recording; from a rule and recorded evidence; not known; or said by a real
 * Gateway now.
 */
export type Grade = "recorded" | "derived" | "unknown" | "live";

/** How a live request or connection relates to the recording. `again` repeats what was played before; `held-back` was not sent on purpose. */
export type PlayedAs = "same" | "again" | "differing" | "unmatched" | "never" | "held-back";

/** How a request came out. */
export interface Outcome {
  readonly ok: boolean;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

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

/** One request: asked and recorded, asked only, or recorded only (`never`). Of a message that is no request, only the entry is known. */
export interface PlayedRpc extends Origin {
  readonly method: string | null;
  /** The recorded request's entry. */
  readonly entry: number | null;
  /** What was said of a call after its derived answer, or why nothing was; null where that is as recorded. */
  readonly aftermath: string | null;
  readonly difference: ValueDifference | null;
  readonly nearest: NearestRequest | null;
  /** `entry` is that of the first answer. */
  readonly recorded: (Outcome & { readonly entry: number }) | null;
  /** How it came out now; null when that is not known, or nothing was answered. */
  readonly replayed: Outcome | null;
  /** Why the recording does not show how it came out in the end; null when it does. */
  readonly unseen: string | null;
}

/** A request of one trace tied to one of the other; `liveEntry` is that of the live one in the replay's own recording. */
export interface TiedCall extends Omit<PlayedRpc, "recorded" | "replayed" | "unseen"> {
  readonly liveEntry: number | null;
}

/** A live connection tied to a recorded one; one of them may be missing. */
export interface TiedConnection extends Origin {
  readonly live: Connection | null;
  readonly recording: string | null;
  readonly recorded: Connection | null;
  readonly differences: readonly ValueDifference[];
  readonly calls: readonly TiedCall[];
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
  const { live, recorded, calls, ...origin } = tied;
  const isKnown = origin.grade !== "unknown" && live !== null;
  const [before, after] = [recorded, live].map(
    (connection) => new Map(connection?.rpcs.map((rpc) => [rpc.requestEntry, rpc])),
  );
  return {
    live: live?.id ?? null,
    connection: recorded?.id ?? null,
    client: clientLabel((live ?? recorded)?.handshake.connect ?? null),
    ...origin,
    recorded: recorded && handshakeOutcome(recorded),
    replayed: isKnown ? handshakeOutcome(live) : null,
    scopes: { before: scopesOf(recorded), after: isKnown ? scopesOf(live) : null },
    unseen: recorded && whyConnectIsUnseen(recorded),
    gaps: recorded && describeGaps(recorded),
    rpcs: calls.map(({ liveEntry, ...call }) => {
      const then = before?.get(call.entry ?? 0);
      const now = call.grade === "unknown" ? undefined : after?.get(liveEntry ?? 0);
      const outcome = then === undefined ? null : rpcOutcome(then);
      return {
        ...call,
        recorded: outcome && { entry: then?.responseEntry ?? 0, ...outcome },
        replayed: now === undefined ? null : rpcOutcome(now),
        unseen: then === undefined || recorded === null ? null : whyCallIsUnseen(recorded, then),
      };
    }),
  };
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
  const none = { errorCode: null, errorMessage: null, detailCode: null };
  if (outcome === "accepted") return { ...none, ok: true };
  const { refusal, connectEntry } = handshake;
  if (refusal !== null) {
    const { code: errorCode, message: errorMessage, detailCode } = refusal;
    return { ok: false, errorCode, errorMessage, detailCode };
  }
  const status = upgrade?.status ?? null;
  if (status !== null && status !== 101) return { ...none, ok: false, errorCode: `HTTP ${status}` };
  // A client that said nothing before the Gateway closed was refused nothing.
  if (outcome === "incomplete" || (status === 101 && connectEntry === null)) return null;
  const errorCode = `closed ${close?.code ?? ""}`.trim();
  return { ...none, ok: false, errorCode, errorMessage: close?.reason || null };
}

/** What a connection could do; null when it was not let in. */
function scopesOf(connection: Connection | null): readonly string[] | null {
  return connection?.outcome === "accepted" ? connection.scopes.effective : null;
}

/** `cli/cli operator`, or null when the client never said. */
export function clientLabel(connect: ConnectRequest | null): string | null {
  if (connect === null) return null;
  return `${connect.client.id}/${connect.client.mode} ${connect.role}`;
}

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
  grade: Grade,
  differences: TiedConnection["differences"],
): Omit<TiedConnection, "live"> {
  const told = { ...NOTHING, grade, differences, calls: [] };
  if (grade === "derived") {
    return { ...told, ...NOBODY, as: "unmatched", source: `${recording}, connection ${id}` };
  }
  const as = differences.length === 0 ? "same" : "differing";
  return { ...told, recording, recorded: traced, as };
}

/** A recorded connection that nobody opened. */
export function neverOpened({ recording, traced, requests }: ScriptedConnection): TiedConnection {
  const calls = requests.filter(({ method }) => method !== "connect").map(neverAsked);
  const never = { as: "never", live: null, differences: [] } as const;
  return { ...NOTHING, ...never, recording, recorded: traced, calls };
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
  return {
    ...NOTHING,
    as: "never",
    method,
    entry,
    aftermath: null,
    difference: null,
    nearest: null,
    liveEntry: null,
  };
}

const NOTHING = { grade: null, source: null, missing: null };
const NOBODY = { recording: null, recorded: null };
