import type { Call, Calls } from "./call.ts";
import { compareFrames, type FramesToCompare } from "./compare-frames.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { FrameDigests } from "./frame-digests.ts";
import { readFrame, type EntrySource } from "./frame-source.ts";
import { NO_VALUES_DIFF, type RpcDiff, type Sides, type ValuesDiff } from "./model.ts";
import { pairPlaces, type Pair } from "./pair-items.ts";

/** What the rpcs of two connections come to. */
export interface RpcsDiff {
  /** Only those that differ. */
  readonly rpcs: readonly RpcDiff[];
  /** Answers that were compared. */
  readonly payloads: number;
}

/** Where the frames of a recording can be read, and what is remembered of them, so that most need not be. */
export interface FrameSource {
  readonly source: EntrySource;
  readonly digests?: FrameDigests;
}

/** The places that differ are kept for so many rpcs; for those beyond it is only said how many there are. */
const MAX_DETAILED = 2000;

/**
 * Compares the rpcs of pairs of connections, those of each pair by method and params, then by order. Reads the entries as they lie in
 * the recordings, whatever connection they are of, so that no part of a file is read again and again. `payloads` false compares
 * outcomes only.
 */
export async function compareRpcs(
  connections: readonly Sides<Calls>[],
  sources: Sides<FrameSource>,
  payloads: boolean,
): Promise<readonly RpcsDiff[]> {
  const fingerprints = {
    a: await fingerprintsOf(
      connections.map(({ a }) => a),
      sources.a,
    ),
    b: await fingerprintsOf(
      connections.map(({ b }) => b),
      sources.b,
    ),
  };
  const compared = connections.map((calls) => {
    const unclear: Pair<Call>[] = [];
    let read = 0;
    for (const pair of pairCalls(calls, fingerprints)) {
      if (payloads && hasAnswers(pair)) read += 1;
      if (isUnclear(pair, sources, payloads)) unclear.push(pair);
    }
    return { unclear, payloads: read };
  });
  const unclear = compared.flatMap((one) => one.unclear);
  const differing = await findDiffering(unclear, sources, payloads);
  return compared.map((one) => ({
    rpcs: one.unclear.flatMap((pair) => differing.get(pair) ?? []),
    payloads: one.payloads,
  }));
}

function* pairCalls(
  { a, b }: Sides<Calls>,
  fingerprints: Sides<FingerprintOf>,
): Generator<Pair<Call>, void, undefined> {
  const pairs = pairPlaces(a.length, b.length, [
    { a: keysOf(a, fingerprints.a), b: keysOf(b, fingerprints.b) },
    { a: (place) => a.at(place)?.method ?? null, b: (place) => b.at(place)?.method ?? null },
  ]);
  for (const pair of pairs) {
    yield {
      a: pair.a === null ? null : (a.at(pair.a) ?? null),
      b: pair.b === null ? null : (b.at(pair.b) ?? null),
    };
  }
}

/** Only methods called more than once on a connection need their params to be told apart. */
function keysOf(
  calls: Calls,
  fingerprintOfCall: FingerprintOf,
): (place: number) => string | number | null {
  const isRepeated = repeatedMethods(calls);
  return (place) => {
    const call = calls.at(place);
    if (call === undefined) return null;
    return (isRepeated(call) ? fingerprintOfCall(call) : null) ?? call.method;
  };
}

type FingerprintOf = (call: Call) => number | null;

async function fingerprintsOf(
  connections: readonly Calls[],
  { source, digests }: FrameSource,
): Promise<FingerprintOf> {
  if (digests !== undefined) return ({ requestEntry }) => digests.fingerprint(requestEntry);
  const found = new Map<number, number>();
  const repeated = connections.flatMap((calls) =>
    [...listed(calls)].filter(repeatedMethods(calls)),
  );
  for (const call of repeated.toSorted((left, right) => left.requestEntry - right.requestEntry)) {
    const request = await readFrame(source, call.requestEntry);
    if (request !== null) found.set(call.requestEntry, fingerprintOf(request.frame));
  }
  return ({ requestEntry }) => found.get(requestEntry) ?? null;
}

function* listed(calls: Calls): Generator<Call, void, undefined> {
  for (let index = 0; index < calls.length; index++) {
    const call = calls.at(index);
    if (call !== undefined) yield call;
  }
}

function repeatedMethods(calls: Calls): (call: Call) => boolean {
  const counts = new Map<string, number>();
  for (const { method } of listed(calls)) counts.set(method, (counts.get(method) ?? 0) + 1);
  return ({ method }) => (counts.get(method) ?? 0) > 1;
}

/** True unless it is known without reading that the two do not differ. */
function isUnclear(pair: Pair<Call>, sources: Sides<FrameSource>, payloads: boolean): boolean {
  const { a, b } = pair;
  if (a === null || b === null || a.outcome !== b.outcome) return true;
  if (!payloads) return false;
  return (
    !saysTheSame(sources, a.requestEntry, b.requestEntry) ||
    !saysTheSame(sources, a.responseEntry, b.responseEntry)
  );
}

/** True when both are known to say the same to the letter. */
function saysTheSame(
  { a: { digests: inA }, b: { digests: inB } }: Sides<FrameSource>,
  entryA: number | null,
  entryB: number | null,
): boolean {
  if (entryA === null || entryB === null) return entryA === entryB;
  return inA !== undefined && inB !== undefined && inA.saysTheSame(entryA, inB, entryB);
}

async function findDiffering(
  pairs: readonly Pair<Call>[],
  sources: Sides<FrameSource>,
  payloads: boolean,
): Promise<ReadonlyMap<Pair<Call>, RpcDiff>> {
  const places = pairs.toSorted((left, right) => placeOf(left) - placeOf(right));
  const differing = payloads ? await comparePayloads(places, sources) : new Map<never, never>();
  const found = new Map<Pair<Call>, RpcDiff>();
  for (const pair of places) {
    const { params, answer } = differing.get(pair) ?? NO_PAYLOADS;
    const outcome = { a: pair.a?.outcome ?? null, b: pair.b?.outcome ?? null };
    if (outcome.a === outcome.b && params.count + answer.count === 0) continue;
    const isDetailed = found.size < MAX_DETAILED;
    found.set(pair, {
      method: pair.a?.method ?? pair.b?.method ?? "",
      request: { a: pair.a?.requestEntry ?? null, b: pair.b?.requestEntry ?? null },
      outcome,
      params: isDetailed ? params : withoutPlaces(params),
      answer: isDetailed ? answer : withoutPlaces(answer),
    });
  }
  return found;
}

function withoutPlaces({ count }: ValuesDiff): ValuesDiff {
  return count === 0 ? NO_VALUES_DIFF : { count, shown: [] };
}

/** Where in the recordings a pair lies. */
function placeOf({ a, b }: Pair<Call>): number {
  return (a ?? b)?.requestEntry ?? 0;
}

function hasAnswers({ a, b }: Pair<Call>): boolean {
  return a !== null && b !== null && a.ok !== null && b.ok !== null;
}

type PayloadsDiff = Pick<RpcDiff, "params" | "answer">;

const NO_PAYLOADS: PayloadsDiff = { params: NO_VALUES_DIFF, answer: NO_VALUES_DIFF };

/** One side of a call that is to be compared. */
interface Part {
  readonly pair: Pair<Call>;
  readonly name: keyof PayloadsDiff;
}

async function comparePayloads(
  pairs: readonly Pair<Call>[],
  sources: Sides<FrameSource>,
): Promise<ReadonlyMap<Pair<Call>, PayloadsDiff>> {
  const frames = pairs
    .flatMap((pair) => [...framesOf(pair)])
    .filter(({ entries }) => !saysTheSame(sources, entries.a, entries.b))
    .toSorted((left, right) => left.entries.a - right.entries.a);
  const found = new Map<Pair<Call>, PayloadsDiff>();
  // Where those that differ are many, most of their places are dropped at once: `findDiffering` keeps only those of the first.
  let lastDetailed = Infinity;
  for await (const batch of compareFrames(frames, { a: sources.a.source, b: sources.b.source })) {
    for (const [{ pair, name }, diff] of batch) {
      const kept = placeOf(pair) > lastDetailed ? withoutPlaces(diff) : diff;
      found.set(pair, { ...(found.get(pair) ?? NO_PAYLOADS), [name]: kept });
    }
    if (lastDetailed === Infinity && found.size > MAX_DETAILED) {
      lastDetailed = [...found.keys()].map(placeOf).toSorted((a, b) => a - b)[MAX_DETAILED] ?? 0;
    }
  }
  return found;
}

function* framesOf(pair: Pair<Call>): Generator<FramesToCompare<Part>, void, undefined> {
  const { a, b } = pair;
  if (a === null || b === null) return;
  const requests = { a: a.requestEntry, b: b.requestEntry };
  yield { of: { pair, name: "params" }, entries: requests, path: "params" };
  // Where one failed and the other did not, the payloads have nothing in common.
  if (a.ok !== b.ok || a.responseEntry === null || b.responseEntry === null) return;
  const path = a.ok === true ? "payload" : "details";
  yield {
    of: { pair, name: "answer" },
    entries: { a: a.responseEntry, b: b.responseEntry },
    path,
  };
}
