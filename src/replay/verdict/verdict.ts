import type {
  Outcome,
  PlayedAs,
  PlayedConnection,
  PlayedRpc,
  HandshakeOutcome,
} from "./compare.ts";
import { parseScopeRefusal } from "../../gateway/scopes.ts";

export type { PlayedConnection, PlayedRpc } from "./compare.ts";

/** How many of each. */
export type Tally = Readonly<Record<PlayedAs, number>>;

/** What a replay came to. */
export interface Verdict extends JudgedOutcome {
  readonly recordings: readonly string[];
  /** The real Gateway that recorded clients were played to; null when the recording was the Gateway. */
  readonly url: string | null;
  /** The versions of that Gateway and of the recorded one; null where hello-ok does not say. */
  readonly versions: { readonly before: string | null; readonly now: string | null };
  /** What is to be said of the rules that were applied. */
  readonly rules: readonly string[];
  /** Live connections in order of arrival, then the recorded ones that nobody opened. */
  readonly connections: readonly PlayedConnection[];
  readonly totals: { readonly connections: Tally; readonly rpcs: Tally };
  /** True only when everything recorded was asked for, and everything asked was recorded. */
  readonly clean: boolean;
  readonly conclusion: string;
}

/** Judges what was played, counts, and says it in one line. */
export function buildVerdict(
  played: Pick<Verdict, "recordings" | "connections"> &
    Partial<Pick<Verdict, "url" | "versions" | "rules">>,
): Verdict {
  const {
    recordings,
    connections,
    url = null,
    versions = { before: null, now: null },
    rules = [],
  } = played;
  const rpcs = connections.flatMap((connection) => connection.rpcs);
  const totals = { connections: tally(connections), rpcs: tally(rpcs) };
  const clean = isClean(totals.connections) && isClean(totals.rpcs);
  const judged = judgeOutcome(connections, clean);
  const counts = countAll(connections, totals, clean);
  return {
    recordings,
    url,
    versions,
    rules,
    connections,
    totals,
    clean,
    ...judged,
    // Counts that all is as recorded would contradict what cannot be told.
    conclusion: conclude(
      judged,
      counts,
      url === null && !(clean && judged.outcome === "cannot-tell"),
    ),
  };
}

/** The one line that says what the replay came to; `counts` says how much was as recorded. */
function conclude(
  { outcome, fixed, wrong }: JudgedOutcome,
  counts: string,
  isCounted: boolean,
): string {
  const [first, ...more] = outcome === "fixed" ? fixed : isCounted ? [] : wrong;
  if (first === undefined) return counts;
  return more.length === 0 ? first : `${first} (and ${more.length} more)`;
}

function tally(played: readonly { readonly as: PlayedAs }[]): Tally {
  const counts = { same: 0, again: 0, differing: 0, unmatched: 0, never: 0, "held-back": 0 };
  for (const { as } of played) counts[as] += 1;
  return counts;
}

function isClean({ differing, unmatched, never }: Tally): boolean {
  return differing + unmatched + never === 0;
}

function countAll(
  connections: readonly PlayedConnection[],
  totals: Verdict["totals"],
  clean: boolean,
): string {
  const rpcs = connections.flatMap((connection) => connection.rpcs);
  // A request that is the recorded one may be answered otherwise, by the rules or by a real Gateway.
  const same = `${counted(rpcs.filter(isAsRecorded).length, "call")} on ${counted(connections.filter(isAsRecorded).length, "connection")}`;
  const further = [
    [totals.rpcs.again, "again"],
    [rpcs.filter(({ as, grade }) => as === "same" && grade === "derived").length, "derived"],
    [totals.rpcs["held-back"], "held back"],
  ] as const;
  const more = further.map(([count, words]) => (count === 0 ? "" : `, ${count} ${words}`)).join("");
  if (clean) return `as recorded: ${same}${more}`;
  const wrong = [
    ...problems(totals.connections, "connection", "never opened"),
    ...problems(totals.rpcs, "call", "never asked for"),
  ];
  return `not as recorded: ${wrong.join(", ")}; as recorded: ${same}${more}`;
}

function isAsRecorded({ as, grade, recorded, replayed }: PlayedConnection | PlayedRpc): boolean {
  if (as !== "same") return false;
  if (grade !== "live") return grade === "recorded";
  return recorded?.ok === replayed?.ok && recorded?.errorCode === replayed?.errorCode;
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

/**
 * What a replay proves: all `unchanged` and good; `fixed`, when something that failed does not and nothing else went wrong;
 * `still-failing`; `different` from the recording in another way; or `cannot-tell`, when an answer was not known.
 */
export type ReplayOutcome = "unchanged" | "fixed" | "still-failing" | "different" | "cannot-tell";

/** The outcome, and the lines that say why. */
export interface JudgedOutcome {
  readonly outcome: ReplayOutcome;
  /** What failed in the recording and does not now, one line each. */
  readonly fixed: readonly string[];
  /** What fails now, and what could not be told, one line each. */
  readonly wrong: readonly string[];
}

interface Judged {
  readonly kind: "fixed" | "failing" | "broken" | "unknown" | "missed" | "gap" | "same";
  readonly line: string;
}

/** Compares how each handshake and each call came out before and now. */
export function judgeOutcome(
  connections: readonly PlayedConnection[],
  clean: boolean,
): JudgedOutcome {
  const all = connections.flatMap(judgeConnection);
  const linesOf = (...kinds: readonly Judged["kind"][]): readonly string[] =>
    all.filter(({ kind }) => kinds.includes(kind)).map(({ line }) => line);
  const fixed = linesOf("fixed");
  const wrong = linesOf("unknown", "failing", "broken", "missed", "gap");
  const has = (kind: Judged["kind"]): boolean => all.some((judged) => judged.kind === kind);
  const outcome = ((): ReplayOutcome => {
    if (has("unknown")) return "cannot-tell";
    if (has("failing")) return "still-failing";
    if (has("broken") || has("missed")) return "different";
    if (fixed.length > 0) return "fixed";
    if (has("gap")) return "cannot-tell";
    return clean ? "unchanged" : "different";
  })();
  return { outcome, fixed, wrong };
}

function judgeConnection(connection: PlayedConnection): readonly Judged[] {
  const { live, replayed, rpcs, gaps } = connection;
  // What a client does not ask because it is not let in follows from that.
  const isTurnedAway = live !== null && replayed?.ok === false;
  const asked = isTurnedAway ? rpcs.filter(({ as }) => as !== "never") : rpcs;
  const judged = [judgeHandshake(connection), ...asked.map((rpc) => judgeRpc(connection, rpc))];
  if (live === null || gaps === null) return judged;
  // What the recorded Gateway said in a gap cannot be said again, and nobody can tell what came of it.
  return [...judged, { kind: "gap", line: `cannot tell all: on ${nameOf(connection)} ${gaps}` }];
}

function judgeHandshake(connection: PlayedConnection): Judged {
  const { recorded, live, missing, rpcs } = connection;
  const what = `connect of ${nameOf(connection)}`;
  if (live === null) {
    // What only failed, such as a retry or the clean-up after a failure, need not come again once the failure is gone.
    const onlyFailed = rpcs.length > 0 && rpcs.every((rpc) => rpc.recorded?.ok !== true);
    const isGood = recorded?.ok === false || onlyFailed;
    return { kind: isGood ? "same" : "missed", line: `${what} was never made` };
  }
  return compare(what, connection, missing ?? "no recorded connection answers it", "accepted");
}

function judgeRpc(connection: PlayedConnection, rpc: PlayedRpc): Judged {
  const { method, as, recorded, missing } = rpc;
  const what = `${method ?? "a message"} on ${nameOf(connection)}`;
  if (as === "never") {
    return { kind: recorded?.ok === true ? "missed" : "same", line: `${what} was never asked for` };
  }
  if (as === "held-back") {
    // What was refused before and is not asked now leaves the question open; what went well is only not tried again.
    const kind = recorded?.ok === false ? "unknown" : "same";
    return { kind, line: `cannot tell: ${what} was held back: ${missing}` };
  }
  const why = as === "unmatched" ? "it is not in the recording" : "its params differ";
  return compare(what, rpc, missing ?? why, "allowed");
}

function compare(
  what: string,
  { grade, recorded, replayed, source, unseen }: PlayedConnection | PlayedRpc,
  missing: string,
  good: "accepted" | "allowed",
): Judged {
  const why = grade === "unknown" ? missing : unseen;
  if (why !== null) return { kind: "unknown", line: `cannot tell: ${what}: ${why}` };
  const isLive = grade === "live";
  if (replayed === null) {
    const isLost = isLive && recorded !== null;
    return { kind: isLost ? "unknown" : "same", line: `cannot tell: ${what} was not answered` };
  }
  const from = isLive ? "" : source === null ? " (recorded)" : ` (derived: ${source})`;
  const reason = isLive ? describeOutcome : reasonOf;
  if (replayed.ok) {
    if (recorded === null || recorded.ok) return { kind: "same", line: what };
    const line = `fixed: ${what} was refused (${reason(recorded)}), now ${good}${from}`;
    return { kind: "fixed", line };
  }
  if (recorded?.ok === false) {
    return { kind: "failing", line: `still failing: ${what}: ${reason(replayed)}${from}` };
  }
  const before = recorded === null ? "was not answered" : `was ${good}`;
  const line = `different: ${what} ${before}, now refused: ${reason(replayed)}${from}`;
  return { kind: "broken", line };
}

/** How something came out, in the Gateway's words. */
export function describeOutcome(outcome: Outcome | HandshakeOutcome): string {
  const { ok, errorCode, errorMessage } = outcome;
  if (ok) return "ok";
  const detail = "detailCode" in outcome ? outcome.detailCode : null;
  const code = detail ?? errorCode ?? "error";
  return errorMessage === null ? code : `${code}: ${errorMessage}`;
}

function reasonOf(outcome: Outcome): string {
  const { errorCode, errorMessage } = outcome;
  const message = errorMessage ?? errorCode ?? "refused";
  const scope = parseScopeRefusal({ message, details: undefined });
  return scope === null ? message : `missing ${scope.missing}`;
}

function nameOf({ connection, live }: PlayedConnection): string {
  return connection === null ? `live connection ${live}` : `connection ${connection}`;
}
