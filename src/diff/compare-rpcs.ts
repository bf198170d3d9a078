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

/** What two lists of rpcs come to. */
export interface RpcsDiff {
  /** Only those that differ. */
  readonly rpcs: readonly RpcDiff[];
  readonly payloads: number;
}

/** Params are told apart by so much of their text; what follows hardly says who they are. */
const MAX_FINGERPRINT = 2048;

/** Compares the rpcs of two connections: paired by method and params, then by order. `payloads` false compares outcomes only. */
export async function compareRpcs(
  rpcs: Sides<readonly Rpc[]>,
  sources: Sides<EntrySource>,
  payloads: boolean,
): Promise<RpcsDiff> {
  const found: RpcDiff[] = [];
  let compared = 0;
  for (const pair of await pairRpcs(rpcs, sources)) {
    const diff = outlineOf(pair);
    const { a, b } = pair;
    if (!payloads || a === null || b === null) {
      if (diff.outcome.a !== diff.outcome.b) found.push(diff);
      continue;
    }
    const params = await compareEntries(sources, a.requestEntry, b.requestEntry, "params");
    // Where one failed and the other did not, the payloads have nothing in common.
    const answer =
      a.ok === b.ok
        ? await compareEntries(
            sources,
            a.responseEntry,
            b.responseEntry,
            a.ok ? "payload" : "details",
          )
        : NO_VALUES_DIFF;
    compared += a.ok !== null && b.ok !== null ? 1 : 0;
    if (diff.outcome.a !== diff.outcome.b || params.count + answer.count > 0)
      found.push({ ...diff, params, answer });
  }
  return { rpcs: found, payloads: compared };
}

async function pairRpcs(
  rpcs: Sides<readonly Rpc[]>,
  sources: Sides<EntrySource>,
): Promise<readonly Pair<Rpc>[]> {
  const fingerprints = new Map<Rpc, string>([
    ...(await fingerprintsOf(rpcs.a, sources.a)),
    ...(await fingerprintsOf(rpcs.b, sources.b)),
  ]);
  return pairItems(rpcs.a, rpcs.b, [
    (rpc) => `${rpc.method}\n${fingerprints.get(rpc) ?? ""}`,
    (rpc) => rpc.method,
  ]);
}

/** Only methods called more than once need their params to be told apart. */
async function fingerprintsOf(
  rpcs: readonly Rpc[],
  source: EntrySource,
): Promise<readonly (readonly [Rpc, string])[]> {
  const counts = new Map<string, number>();
  for (const { method } of rpcs) counts.set(method, (counts.get(method) ?? 0) + 1);
  const found: (readonly [Rpc, string])[] = [];
  for (const rpc of rpcs) {
    if (counts.get(rpc.method) === 1) continue;
    const request = await readFrame(source, rpc.requestEntry);
    found.push([rpc, request === null ? "" : fingerprintOf(request)]);
  }
  return found;
}

function fingerprintOf({ frame }: RecordedFrame): string {
  if (frame.type !== "req") return "";
  const text = JSON.stringify(frame.params, (key, value: unknown) => {
    if (isVolatileField(key)) return null;
    return typeof value === "string" ? maskRedacted(maskText(value)) : value;
  });
  return (text ?? "").slice(0, MAX_FINGERPRINT);
}

function outlineOf({ a, b }: Pair<Rpc>): RpcDiff {
  return {
    method: a?.method ?? b?.method ?? "",
    request: { a: a?.requestEntry ?? null, b: b?.requestEntry ?? null },
    outcome: { a: outcomeOf(a), b: outcomeOf(b) },
    params: NO_VALUES_DIFF,
    answer: NO_VALUES_DIFF,
  };
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
