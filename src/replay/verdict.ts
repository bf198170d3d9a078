import type { ValueDifference } from "../diff/compare-values.ts";
import { effectiveScopes } from "./effective-scopes.ts";
import { concludeWith, judgeOutcome, type ReplayOutcome } from "./judge-outcome.ts";
import type { NearestRequest } from "./request-book.ts";
import type { RecordedAnswer, Script, ScriptedConnection, ScriptedRequest } from "./script.ts";

/** Where an answer is from: said to the same request in the recording; from a rule and recorded evidence; or not known. */
export type Grade = "recorded" | "derived" | "unknown";

/** How a live request or connection relates to the recording. `again` repeats what was played before. */
export type PlayedAs = "same" | "again" | "differing" | "unmatched" | "never";

/** How a request came out. */
export type Outcome = Pick<RecordedAnswer, "ok" | "errorCode" | "errorMessage">;

/** One request: asked and recorded, asked only, or recorded only (`never`). */
export interface PlayedRpc {
  /** Null for a message that is no request frame. */
  readonly method: string | null;
  readonly as: PlayedAs;
  /** Null when nothing was answered, as nothing was asked. */
  readonly grade: Grade | null;
  /** The recorded request's entry. */
  readonly entry: number | null;
  readonly recorded: RecordedAnswer | null;
  /** What the replay answered; null when it did not, or not yet. */
  readonly replayed: Outcome | null;
  /** Where a derived answer is from. */
  readonly source: string | null;
  /** What would have to be known to answer. */
  readonly missing: string | null;
  readonly difference: ValueDifference | null;
  readonly nearest: NearestRequest | null;
}

/** One connection: live and recorded, live only, or recorded only (`never`). The handshake is not among the rpcs. */
export interface PlayedConnection {
  /** The number in the replay's own recording. */
  readonly live: number | null;
  readonly recording: string | null;
  readonly connection: number | null;
  /** `id/mode role`, as far as known. */
  readonly client: string | null;
  readonly as: PlayedAs;
  readonly grade: Grade | null;
  /** How the recorded `connect` was answered; null when it was not. */
  readonly recorded: Outcome | null;
  readonly replayed: Outcome | null;
  /** What the connection could do in the recording, and what it can now; null without hello-ok. */
  readonly scopes: {
    readonly before: readonly string[] | null;
    readonly after: readonly string[] | null;
  };
  readonly source: string | null;
  readonly missing: string | null;
  readonly differences: readonly ValueDifference[];
  readonly rpcs: readonly PlayedRpc[];
}

/** How many of each. */
export type Tally = Readonly<Record<PlayedAs, number>>;

/** What a replay came to. */
export interface Verdict {
  readonly recordings: readonly string[];
  /** Live connections in order of arrival, then the recorded ones that nobody opened. */
  readonly connections: readonly PlayedConnection[];
  readonly totals: { readonly connections: Tally; readonly rpcs: Tally };
  /** True only when everything recorded was asked for, and everything asked was recorded. */
  readonly clean: boolean;
  readonly outcome: ReplayOutcome;
  /** What failed in the recording and does not now, one line each. */
  readonly fixed: readonly string[];
  /** What fails now, and what could not be told, one line each. */
  readonly wrong: readonly string[];
  readonly conclusion: string;
}

/** Judges what was played: adds what was never asked for, counts, and says it in one line. */
export function buildVerdict(
  scripts: readonly Script[],
  played: readonly PlayedConnection[],
): Verdict {
  const taken = new Set(played.map(({ recording, connection }) => `${connection} ${recording}`));
  const never = scripts
    .flatMap((script) => script.connections)
    .filter(({ id, recording }) => !taken.has(`${id} ${recording}`))
    .map(neverOpened);
  const connections = [...played, ...never];
  const totals = {
    connections: tally(connections),
    rpcs: tally(connections.flatMap(({ rpcs }) => rpcs)),
  };
  const clean = isClean(totals.connections) && isClean(totals.rpcs);
  const judged = judgeOutcome(connections, clean);
  return {
    recordings: scripts.map(({ recording }) => recording),
    connections,
    totals,
    clean,
    ...judged,
    conclusion: concludeWith(judged, conclude(totals, clean)),
  };
}

/** A recorded request that no live client asked. */
export function neverAsked(request: ScriptedRequest): PlayedRpc {
  return {
    method: request.method,
    as: "never",
    grade: null,
    entry: request.entry,
    recorded: request.answer,
    replayed: null,
    source: null,
    missing: null,
    difference: null,
    nearest: null,
  };
}

/** `cli/cli operator`, or null when the client never said. */
export function clientLabel(identity: ScriptedConnection["identity"]): string | null {
  if (identity === null) return null;
  return `${identity.client.id}/${identity.client.mode} ${identity.role}`;
}

function neverOpened(connection: ScriptedConnection): PlayedConnection {
  return {
    live: null,
    recording: connection.recording,
    connection: connection.id,
    client: clientLabel(connection.identity),
    as: "never",
    grade: null,
    recorded: connection.identity === null ? null : (connection.requests[0]?.answer ?? null),
    replayed: null,
    scopes: { before: effectiveScopes(connection), after: null },
    source: null,
    missing: null,
    differences: [],
    rpcs: connection.requests.filter(({ method }) => method !== "connect").map(neverAsked),
  };
}

function tally(played: readonly { readonly as: PlayedAs }[]): Tally {
  const counts = { same: 0, again: 0, differing: 0, unmatched: 0, never: 0 };
  for (const { as } of played) counts[as] += 1;
  return counts;
}

function isClean({ differing, unmatched, never }: Tally): boolean {
  return differing + unmatched + never === 0;
}

function conclude({ connections, rpcs }: Verdict["totals"], clean: boolean): string {
  const same = `${counted(rpcs.same, "rpc")} on ${counted(connections.same, "connection")}`;
  const again = rpcs.again + connections.again === 0 ? "" : `, ${rpcs.again} again`;
  if (clean) return `as recorded: ${same}${again}`;
  const wrong = [
    ...problems(connections, "connection", "never opened"),
    ...problems(rpcs, "rpc", "never asked for"),
  ];
  return `not as recorded: ${wrong.join(", ")}; as recorded: ${same}${again}`;
}

function problems(of: Tally, noun: string, never: string): readonly string[] {
  const counts = [
    [of.unmatched, "unmatched"],
    [of.differing, "differing"],
    [of.never, never],
  ] as const;
  return counts.flatMap(([count, words]) =>
    count === 0 ? [] : [`${counted(count, noun)} ${words}`],
  );
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
