import type { PlayedAs, PlayedConnection, PlayedRpc } from "./compare.ts";
import { judgeOutcome, type JudgedOutcome } from "./judge.ts";

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
