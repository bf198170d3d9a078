import { createHash } from "node:crypto";
import { isVolatileField, maskText } from "../gateway/volatile.ts";
import type { Rpc } from "../trace/model.ts";
import { compareValues } from "./compare-values.ts";
import { readFrame, type EntrySource, type RecordedFrame } from "./frame-source.ts";
import {
  NO_VALUES_DIFF,
  toPathDifference,
  type RpcDiff,
  type Sides,
  type ValuesDiff,
} from "./model.ts";
import { pairItems, type Pair } from "./pair-items.ts";
import { maskRedacted } from "./redacted-text.ts";

/** What the rpcs of two connections come to. */
export interface RpcsDiff {
  /** Only those that differ. */
  readonly rpcs: readonly RpcDiff[];
  /** Answers that were compared. */
  readonly payloads: number;
}

/** Params are told apart by so much of their text; what follows hardly says who they are. */
const MAX_FINGERPRINT = 2048;

/** The places that differ are kept for so many rpcs; for those beyond it is only said how many there are. */
const MAX_DETAILED = 2000;

/**
 * Compares the rpcs of pairs of connections, those of each pair by method and params, then by order. Reads the entries as they lie in
 * the recordings, whatever connection they are of, so that no part of a file is read again and again. `payloads` false compares
 * outcomes only.
 */
export async function compareRpcs(
  connections: readonly Sides<readonly Rpc[]>[],
  sources: Sides<EntrySource>,
  payloads: boolean,
): Promise<readonly RpcsDiff[]> {
  const fingerprints = new Map([
    ...(await fingerprintsOf(
      connections.map(({ a }) => a),
      sources.a,
    )),
    ...(await fingerprintsOf(
      connections.map(({ b }) => b),
      sources.b,
    )),
  ]);
  const pairs = connections.map(({ a, b }) =>
    pairItems(a, b, [
      (rpc) => `${rpc.method}\n${fingerprints.get(rpc) ?? ""}`,
      (rpc) => rpc.method,
    ]),
  );
  const differing = await findDiffering(pairs.flat(), sources, payloads);
  return pairs.map((own) => ({
    rpcs: own.flatMap((pair) => differing.get(pair) ?? []),
    payloads: payloads ? own.filter(hasAnswers).length : 0,
  }));
}

async function findDiffering(
  pairs: readonly Pair<Rpc>[],
  sources: Sides<EntrySource>,
  payloads: boolean,
): Promise<ReadonlyMap<Pair<Rpc>, RpcDiff>> {
  const found = new Map<Pair<Rpc>, RpcDiff>();
  for (const pair of pairs.toSorted((left, right) => placeOf(left) - placeOf(right))) {
    const { params, answer } = payloads ? await comparePayloads(pair, sources) : NO_PAYLOADS;
    const outcome = { a: outcomeOf(pair.a), b: outcomeOf(pair.b) };
    if (outcome.a === outcome.b && params.count + answer.count === 0) continue;
    const isDetailed = found.size < MAX_DETAILED;
    found.set(pair, {
      method: pair.a?.method ?? pair.b?.method ?? "",
      request: { a: pair.a?.requestEntry ?? null, b: pair.b?.requestEntry ?? null },
      outcome,
      params: isDetailed ? params : { ...params, shown: [] },
      answer: isDetailed ? answer : { ...answer, shown: [] },
    });
  }
  return found;
}

/** Where in the recordings a pair lies. */
function placeOf({ a, b }: Pair<Rpc>): number {
  return (a ?? b)?.requestEntry ?? 0;
}

function hasAnswers({ a, b }: Pair<Rpc>): boolean {
  return a !== null && b !== null && a.ok !== null && b.ok !== null;
}

const NO_PAYLOADS: Pick<RpcDiff, "params" | "answer"> = {
  params: NO_VALUES_DIFF,
  answer: NO_VALUES_DIFF,
};

async function comparePayloads(
  { a, b }: Pair<Rpc>,
  sources: Sides<EntrySource>,
): Promise<Pick<RpcDiff, "params" | "answer">> {
  if (a === null || b === null) return NO_PAYLOADS;
  const params = await compareEntries(sources, a.requestEntry, b.requestEntry, "params");
  // Where one failed and the other did not, the payloads have nothing in common.
  if (a.ok !== b.ok) return { params, answer: NO_VALUES_DIFF };
  const path = a.ok === true ? "payload" : "details";
  const answer = await compareEntries(sources, a.responseEntry, b.responseEntry, path);
  return { params, answer };
}

/** Only methods called more than once on a connection need their params to be told apart. */
async function fingerprintsOf(
  connections: readonly (readonly Rpc[])[],
  source: EntrySource,
): Promise<readonly (readonly [Rpc, string])[]> {
  const found: (readonly [Rpc, string])[] = [];
  const repeated = connections.flatMap(ofRepeatedMethods);
  for (const rpc of repeated.toSorted((left, right) => left.requestEntry - right.requestEntry)) {
    const request = await readFrame(source, rpc.requestEntry);
    found.push([rpc, request === null ? "" : fingerprintOf(request)]);
  }
  return found;
}

function ofRepeatedMethods(rpcs: readonly Rpc[]): readonly Rpc[] {
  const counts = new Map<string, number>();
  for (const { method } of rpcs) counts.set(method, (counts.get(method) ?? 0) + 1);
  return rpcs.filter(({ method }) => (counts.get(method) ?? 0) > 1);
}

function fingerprintOf({ frame }: RecordedFrame): string {
  if (frame.type !== "req") return "";
  const text = JSON.stringify(frame.params, (key, value: unknown) => {
    if (isVolatileField(key)) return null;
    return typeof value === "string" ? maskRedacted(maskText(value)) : value;
  });
  return createHash("sha1")
    .update((text ?? "").slice(0, MAX_FINGERPRINT))
    .digest("base64");
}

function outcomeOf(rpc: Rpc | null): string | null {
  if (rpc === null) return null;
  if (rpc.ok === null) return "no answer";
  if (rpc.error !== null) return describeError(rpc.error);
  if (rpc.final === null) return "ok";
  return rpc.final.error === null ? "ok, then done" : `ok, then ${describeError(rpc.final.error)}`;
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

async function compareEntries(
  sources: Sides<EntrySource>,
  entryA: number | null,
  entryB: number | null,
  path: "params" | "payload" | "details",
): Promise<ValuesDiff> {
  const a = await readFrame(sources.a, entryA);
  const b = await readFrame(sources.b, entryB);
  if (a === null || b === null) return NO_VALUES_DIFF;
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
