import { maskText } from "../gateway/volatile.ts";
import type { Connection, Rpc } from "../trace/model.ts";
import { mayMissBefore } from "../trace/gaps.ts";
import { compareValues, maskRedacted } from "./compare-values.ts";
import {
  type Digests,
  readFrame,
  type RecordedFrame,
  type DigestedRecording,
} from "./read-compared.ts";
import {
  NO_VALUES_DIFF,
  toPathDifference,
  type RpcDiff,
  type Sides,
  type ValuesDiff,
} from "./model.ts";
import { pairItems, type Pair } from "./pair-items.ts";

/** What the rpcs of two connections come to. */
export interface RpcsDiff {
  /** Only those that differ. */
  readonly rpcs: readonly RpcDiff[];
  /** Answers that were compared. */
  readonly payloads: number;
  /** Calls that a gap kept from being compared. */
  readonly unknown: number;
}

/** The places that differ are kept for so many rpcs; for those beyond it is only said how many there are. */
const MAX_DETAILED = 2000;

interface Paired extends Omit<RpcsDiff, "rpcs"> {
  /** The pairs of which it is not known without reading that they do not differ. */
  readonly unclear: readonly Pair<Rpc>[];
}

/**
 * Compares the calls of pairs of connections, those of each pair by method and params, then by order. Reads the entries as they lie in
 * the recordings, whatever connection they are of. `payloads` false compares outcomes only.
 */
export async function compareRpcs(
  connections: readonly Pair<Connection>[],
  sides: Sides<DigestedRecording>,
  payloads: boolean,
): Promise<readonly RpcsDiff[]> {
  const paired = connections.map((pair) => pairCalls(pair, sides, payloads));
  const unclear = paired
    .flatMap((one) => one.unclear)
    .toSorted((left, right) => placeOf(left) - placeOf(right));
  const differing = new Map<Pair<Rpc>, RpcDiff>();
  for (const pair of unclear) {
    const diff = await compareCalls(pair, sides, payloads);
    if (diff === null) continue;
    const { params, answer } = diff;
    const short = { ...diff, params: { ...params, shown: [] }, answer: { ...answer, shown: [] } };
    differing.set(pair, differing.size < MAX_DETAILED ? diff : short);
  }
  return paired.map(({ unclear: own, ...counts }) => ({
    ...counts,
    rpcs: own.flatMap((pair) => differing.get(pair) ?? []),
  }));
}

function pairCalls(
  connections: Pair<Connection>,
  { a: { digests: inA }, b: { digests: inB } }: Sides<DigestedRecording>,
  payloads: boolean,
): Paired {
  const [left, right] = [connections.a?.rpcs ?? [], connections.b?.rpcs ?? []];
  const pairs = pairItems(left, right, [
    { a: questionsOf(left, inA), b: questionsOf(right, inB) },
    ({ method }) => method,
  ]);
  const recorded = pairs.filter((pair) => !mayBeLost(pair, connections));
  const isSame = ({ a, b }: Pair<Rpc>) =>
    a !== null &&
    b !== null &&
    outcomeOf(a) === outcomeOf(b) &&
    (!payloads ||
      (inA.saysTheSame(a.requestEntry, inB, b.requestEntry) &&
        inA.saysTheSame(a.responseEntry, inB, b.responseEntry)));
  return {
    payloads: payloads ? recorded.filter(({ a, b }) => a?.ok != null && b?.ok != null).length : 0,
    unknown: pairs.length - recorded.length + recorded.filter(isAnswerLost).length,
    unclear: recorded.filter((pair) => !isSame(pair)),
  };
}

function isAnswerLost({ a, b }: Pair<Rpc>): boolean {
  return a !== null && b !== null && (a.answerLost || b.answerLost);
}

/** Where in the recordings a pair lies. */
function placeOf({ a, b }: Pair<Rpc>): number {
  return (a ?? b)?.requestEntry ?? 0;
}

async function compareCalls(
  pair: Pair<Rpc>,
  sides: Sides<DigestedRecording>,
  payloads: boolean,
): Promise<RpcDiff | null> {
  const { a, b } = pair;
  const outcome = { a: a && outcomeOf(a), b: b && outcomeOf(b) };
  const isSame = outcome.a === outcome.b || isAnswerLost(pair);
  const [params, answer] = payloads
    ? [await compareParams(pair, sides), await compareAnswers(pair, sides)]
    : [NO_VALUES_DIFF, NO_VALUES_DIFF];
  if (isSame && params.count + answer.count === 0) return null;
  return {
    method: a?.method ?? b?.method ?? "",
    request: { a: a?.requestEntry ?? null, b: b?.requestEntry ?? null },
    outcome,
    params,
    answer,
  };
}

async function compareParams(
  { a, b }: Pair<Rpc>,
  sides: Sides<DigestedRecording>,
): Promise<ValuesDiff> {
  if (a === null || b === null) return NO_VALUES_DIFF;
  return compareEntries({ a: a.requestEntry, b: b.requestEntry }, sides, "params");
}

// Where one failed and the other did not, the payloads have nothing in common.
async function compareAnswers(
  { a, b }: Pair<Rpc>,
  sides: Sides<DigestedRecording>,
): Promise<ValuesDiff> {
  if (a === null || b === null || a.ok !== b.ok) return NO_VALUES_DIFF;
  const entries = { a: a.responseEntry, b: b.responseEntry };
  return compareEntries(entries, sides, a.ok === true ? "payload" : "details");
}

async function compareEntries(
  entries: Sides<number | null>,
  { a, b }: Sides<DigestedRecording>,
  path: "params" | "payload" | "details",
): Promise<ValuesDiff> {
  if (a.digests.saysTheSame(entries.a, b.digests, entries.b)) return NO_VALUES_DIFF;
  const left = await readFrame(a.source, entries.a);
  const right = await readFrame(b.source, entries.b);
  return left === null || right === null ? NO_VALUES_DIFF : compareFrames(left, right, path);
}

// A call that only one of the two made may have been made in a gap of the other.
function mayBeLost(pair: Pair<Rpc>, connections: Pair<Connection>): boolean {
  if (pair.a !== null && pair.b !== null) return false;
  const other = pair.a === null ? connections.a : connections.b;
  return other !== null && mayMissBefore(other.gaps, Infinity, "client");
}

/** Only methods called more than once on a connection need their params to be told apart. */
function questionsOf(rpcs: readonly Rpc[], digests: Digests): (rpc: Rpc) => string {
  const counts = new Map<string, number>();
  for (const { method } of rpcs) counts.set(method, (counts.get(method) ?? 0) + 1);
  return ({ method, requestEntry }) =>
    ((counts.get(method) ?? 0) > 1 ? digests.question(requestEntry) : null) ?? method;
}

function outcomeOf({ ok, error, final, answerLost }: Rpc): string {
  if (answerLost) return "not recorded";
  if (ok === null) return "no answer";
  if (error !== null) return describeError(error);
  if (final === null) return "ok";
  return final.error === null ? "ok, then done" : `ok, then ${describeError(final.error)}`;
}

function describeError({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): string {
  return `${code} ${maskRedacted(maskText(message))}`.trim();
}

function compareFrames(
  a: RecordedFrame,
  b: RecordedFrame,
  path: "params" | "payload" | "details",
): ValuesDiff {
  // The shared comparison takes what stands for a credential on its first side for any text on its second.
  const swapped = b.redacted && !a.redacted;
  const [first, second] = swapped ? [b, a] : [a, b];
  const { differences, shown } = compareValues(
    valueOf(first),
    valueOf(second),
    path,
    first.redacted,
  );
  return { count: differences, shown: shown.map((one) => toPathDifference(one, swapped)) };
}

function valueOf({ frame }: RecordedFrame): unknown {
  switch (frame.type) {
    case "req":
      return frame.params;
    case "res":
      return frame.error === null ? frame.payload : frame.error.details;
    case "event":
      return frame.payload;
  }
}
