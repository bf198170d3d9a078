import { isFinding } from "../findings/catalogue.ts";
import { diagnose } from "../findings/diagnose.ts";
import type { Finding } from "../findings/finding.ts";
import type { Entry } from "../recording/entry.ts";
import { TraceBuilder } from "../trace/build.ts";
import type { Trace, TracedRecording } from "../trace/model.ts";
import { takeApart, withCauses, type TakenApart, type Unit } from "./units.ts";

/** How far a minimization is. */
export interface MinimizeProgress {
  /** How many smaller recordings were tried. */
  readonly tried: number;
  /** The entries of the smallest so far that holds the finding. */
  readonly entries: number;
}

/**
 * The smallest part of a recording whose diagnosis still holds a finding; null when that of the whole does not. Connections that
 * stay keep their opening, handshake and end; a call keeps its answers, and what follows from a call keeps the call.
 */
export function minimize(
  entries: readonly Entry[],
  recording: TracedRecording,
  wanted: string,
  onProgress: (progress: MinimizeProgress) => void = () => undefined,
): readonly Entry[] | null {
  const whole = traceOf(entries, recording);
  const isWanted = ({ code }: Finding): boolean => isFinding(code, wanted);
  const found = diagnose([whole]).filter(isWanted);
  if (found.length === 0) return null;
  const apart = takeApart(whole, entries);
  let tried = 0;
  let smallest = entries.length;
  const holds: Holds = (connections, units) => {
    const part = select(entries, apart, connections, units);
    const isThere = diagnose([traceOf(part, recording)]).some(isWanted);
    tried += 1;
    if (isThere) smallest = Math.min(smallest, part.length);
    onProgress({ tried, entries: smallest });
    return isThere;
  };
  const connections = fewestConnections(found, apart, holds);
  const here = apart.units.filter(({ connection }) => connections.includes(connection));
  const proof = new Set(found.flatMap(({ evidence }) => evidence));
  const proving = here.filter((unit) => unit.entries.some((entry) => proof.has(entry)));
  const start = holds(connections, proving) ? proving : here;
  const units = ddmin(start, (part) => holds(connections, part));
  // With fewer calls on them, fewer connections may do.
  const fewer = ddmin(connections, (part) => holds(part, units));
  return select(entries, apart, fewer, units);
}

/** Whether the finding is still there with no more than these. */
type Holds = (connections: readonly number[], units: readonly Unit[]) => boolean;

function fewestConnections(
  found: readonly Finding[],
  { skeletons, units }: TakenApart,
  holds: Holds,
): readonly number[] {
  for (const { connection } of found) {
    if (connection !== null && holds([connection], units)) return [connection];
  }
  return ddmin([...skeletons.keys()], (part) => holds(part, units));
}

function select(
  entries: readonly Entry[],
  { skeletons }: TakenApart,
  connections: readonly number[],
  units: readonly Unit[],
): readonly Entry[] {
  const kept = new Set(connections.flatMap((id) => skeletons.get(id) ?? []));
  const among = new Set(connections);
  for (const unit of withCauses(units.filter(({ connection }) => among.has(connection)))) {
    // A cause on a connection that is left out is left out with it.
    if (among.has(unit.connection)) for (const entry of unit.entries) kept.add(entry);
  }
  return entries.filter(({ entry }) => kept.has(entry));
}

function traceOf(entries: readonly Entry[], recording: TracedRecording): Trace {
  const builder = new TraceBuilder(recording.header);
  for (const entry of entries) builder.add(entry);
  return builder.trace({ ...recording, missing: [], entryCount: entries.length });
}

/**
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002): the smallest part of
 * `items`, in the sense that none more can be left out alone, for which `holds` is still true. It must be true for all of them.
 */
export function ddmin<T>(
  items: readonly T[],
  holds: (part: readonly T[]) => boolean,
): readonly T[] {
  if (items.length === 0 || holds([])) return [];
  let left = items;
  let parts = 2;
  while (left.length > 1) {
    const smaller = tryParts(left, parts, holds);
    if (smaller === null) {
      if (parts >= left.length) return left;
      parts = Math.min(left.length, parts * 2);
    } else {
      left = smaller.items;
      parts = Math.max(2, Math.min(left.length, smaller.parts));
    }
  }
  return left;
}

function tryParts<T>(
  items: readonly T[],
  parts: number,
  holds: (part: readonly T[]) => boolean,
): { readonly items: readonly T[]; readonly parts: number } | null {
  const size = Math.ceil(items.length / parts);
  for (let from = 0; from < items.length; from += size) {
    const part = items.slice(from, from + size);
    if (part.length < items.length && holds(part)) return { items: part, parts: 2 };
  }
  if (parts === 2) return null;
  for (let from = 0; from < items.length; from += size) {
    const rest = [...items.slice(0, from), ...items.slice(from + size)];
    if (holds(rest)) return { items: rest, parts: parts - 1 };
  }
  return null;
}
