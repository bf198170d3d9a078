import type { Script, ScriptedConnection, ScriptedRequest } from "../script/script.ts";
import { concludeWith, judgeOutcome, type ReplayOutcome } from "./judge-outcome.ts";
import {
  clientLabel,
  scopesOf,
  type PlayedAs,
  type PlayedConnection,
  type PlayedRpc,
} from "./played.ts";

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
    aftermath: null,
    missing: null,
    difference: null,
    nearest: null,
  };
}

function neverOpened(connection: ScriptedConnection): PlayedConnection {
  return {
    live: null,
    recording: connection.recording,
    connection: connection.id,
    client: clientLabel(connection.traced.handshake.connect),
    as: "never",
    grade: null,
    recorded:
      connection.traced.handshake.connect === null
        ? null
        : (connection.requests[0]?.answer ?? null),
    replayed: null,
    scopes: { before: scopesOf(connection.traced), after: null },
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
  const same = `${counted(rpcs.same, "call")} on ${counted(connections.same, "connection")}`;
  const again = rpcs.again + connections.again === 0 ? "" : `, ${rpcs.again} again`;
  if (clean) return `as recorded: ${same}${again}`;
  const wrong = [
    ...problems(connections, "connection", "never opened"),
    ...problems(rpcs, "call", "never asked for"),
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
