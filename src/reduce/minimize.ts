import { isFinding } from "../findings/catalogue.ts";
import { diagnose } from "../findings/diagnose.ts";
import type { Finding } from "../findings/finding.ts";
import type { Entry } from "../recording/entry.ts";
import { TraceBuilder } from "../trace/build.ts";
import type { Trace, TracedRecording } from "../trace/model.ts";
import { ddmin } from "./ddmin.ts";
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
  const search = new Search(entries, { ...recording, missing: [] }, wanted, onProgress);
  return search.run();
}

class Search {
  readonly #entries: readonly Entry[];
  readonly #recording: TracedRecording;
  readonly #wanted: string;
  readonly #onProgress: (progress: MinimizeProgress) => void;
  readonly #whole: Trace;
  readonly #apart: TakenApart;
  #tried = 0;
  #smallest: readonly Entry[];

  constructor(
    entries: readonly Entry[],
    recording: TracedRecording,
    wanted: string,
    onProgress: (progress: MinimizeProgress) => void,
  ) {
    this.#entries = entries;
    this.#recording = recording;
    this.#wanted = wanted;
    this.#onProgress = onProgress;
    this.#smallest = entries;
    this.#whole = this.#traceOf(entries);
    this.#apart = takeApart(this.#whole, entries);
  }

  run(): readonly Entry[] | null {
    const found = diagnose([this.#whole]).filter(({ code }) => isFinding(code, this.#wanted));
    if (found.length === 0) return null;
    const connections = this.#fewestConnections(found);
    const here = this.#apart.units.filter(({ connection }) => connections.includes(connection));
    const proof = new Set(found.flatMap(({ evidence }) => evidence));
    const proving = here.filter((unit) => unit.entries.some((entry) => proof.has(entry)));
    const start = this.#holds(connections, proving) ? proving : here;
    const units = ddmin(start, (part) => this.#holds(connections, part));
    // With fewer calls on them, fewer connections may do.
    const fewer = ddmin(connections, (part) => this.#holds(part, units));
    return this.#select(fewer, units);
  }

  #fewestConnections(found: readonly Finding[]): readonly number[] {
    const all = [...this.#apart.skeletons.keys()];
    const holds = (part: readonly number[]) => this.#holds(part, this.#apart.units);
    for (const { connection } of found) {
      if (connection !== null && holds([connection])) return [connection];
    }
    return ddmin(all, holds);
  }

  #holds(connections: readonly number[], units: readonly Unit[]): boolean {
    const entries = this.#select(connections, units);
    this.#tried += 1;
    const findings = diagnose([this.#traceOf(entries)]);
    const holds = findings.some(({ code }) => isFinding(code, this.#wanted));
    if (holds && entries.length < this.#smallest.length) this.#smallest = entries;
    this.#onProgress({ tried: this.#tried, entries: this.#smallest.length });
    return holds;
  }

  #select(connections: readonly number[], units: readonly Unit[]): readonly Entry[] {
    const kept = new Set(connections.flatMap((id) => this.#apart.skeletons.get(id) ?? []));
    const among = new Set(connections);
    for (const unit of withCauses(units.filter(({ connection }) => among.has(connection)))) {
      // A cause on a connection that is left out is left out with it.
      if (among.has(unit.connection)) for (const entry of unit.entries) kept.add(entry);
    }
    return this.#entries.filter(({ entry }) => kept.has(entry));
  }

  #traceOf(entries: readonly Entry[]): Trace {
    const builder = new TraceBuilder(this.#recording.header);
    for (const entry of entries) builder.add(entry);
    return builder.trace({ ...this.#recording, entryCount: entries.length });
  }
}
