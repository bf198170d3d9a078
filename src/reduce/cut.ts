import type { Entry } from "../recording/entry.ts";
import type { Trace } from "../trace/model.ts";
import { groupsOf, handshakeOf, isBound } from "./units.ts";

/**
 * Chooses the entries that are wanted, with what they need to be understood: the opening, handshake and end of their connections,
 * and for a request its answers, for an answer its request; also the gaps of the whole recording between them. Show it every entry
 * once, in order; it holds none of them.
 */
export class Cut {
  readonly #trace: Trace;
  readonly #chosen = new Set<number>();
  readonly #connections = new Set<number>();
  /** What opens and ends each connection. */
  readonly #bounds = new Map<number, number[]>();
  /** Where the whole recording was blind. */
  readonly #gaps: { readonly entry: number; readonly fromMs: number; readonly untilMs: number }[] =
    [];
  #firstMs = Infinity;
  #lastMs = -Infinity;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Takes note of an entry, and of whether it is wanted. */
  look(entry: Entry, isWanted: boolean): void {
    const { connection } = entry;
    if (isBound(entry)) {
      const bounds = this.#bounds.get(connection);
      if (bounds === undefined) this.#bounds.set(connection, [entry.entry]);
      else bounds.push(entry.entry);
    }
    if (entry.kind === "gap" && connection === 0) {
      this.#gaps.push({ entry: entry.entry, fromMs: entry.atMs, untilMs: entry.untilMs });
    }
    if (!isWanted) return;
    this.#firstMs = Math.min(this.#firstMs, entry.atMs);
    this.#lastMs = Math.max(this.#lastMs, entry.atMs);
    this.#chosen.add(entry.entry);
    this.#connections.add(connection);
  }

  /** The numbers of the entries to keep. */
  chosen(): ReadonlySet<number> {
    const all = new Set(this.#chosen);
    for (const connection of this.#trace.connections) {
      if (!this.#connections.has(connection.id)) continue;
      for (const entry of handshakeOf(connection)) all.add(entry);
      for (const entry of this.#bounds.get(connection.id) ?? []) all.add(entry);
      for (const group of groupsOf(connection)) {
        if (group.some((entry) => all.has(entry))) for (const entry of group) all.add(entry);
      }
    }
    // Where the whole was blind, each part of it was.
    for (const { entry, fromMs, untilMs } of this.#gaps) {
      if (fromMs <= this.#lastMs && untilMs >= this.#firstMs) all.add(entry);
    }
    return all;
  }
}

/** Those of the entries whose numbers were chosen. */
export async function* keepChosen(
  entries: AsyncIterable<Entry>,
  chosen: ReadonlySet<number>,
): AsyncGenerator<Entry, void, undefined> {
  for await (const entry of entries) if (chosen.has(entry.entry)) yield entry;
}
