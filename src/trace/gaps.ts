import type { Entry, GapEntry, UndecodableEntry } from "../recording/entry.ts";
import type { Side } from "../wire/message.ts";
import type { Gap } from "./model.ts";

type Numbered<T> = T & { readonly entry: number };

const NOTHING = { missingEntries: 0, missingBytes: 0 };

/** A gap as the recording tells of it. */
export function gapOf(told: Numbered<GapEntry>): Gap {
  const { entry, atMs, untilMs, reason, missingEntries, missingBytes } = told;
  return { entry, fromMs: atMs, untilMs, side: null, reason, missingEntries, missingBytes };
}

// What one side sent from bytes on that could not be understood.
function gapAfter(told: Numbered<UndecodableEntry>): Gap {
  const { entry, atMs, from, reason, sizeBytes } = told;
  const missing = { missingEntries: 0, missingBytes: sizeBytes };
  return { entry, fromMs: atMs, untilMs: null, side: from, reason, ...missing };
}

// The beginning of a connection of which the first entry is not the one that opens it.
function gapBefore({ entry, atMs }: Entry): Gap {
  const reason = "the beginning of the connection was not recorded";
  return { entry, fromMs: 0, untilMs: atMs, side: null, reason, ...NOTHING };
}

/** Gaps of a whole recording. Many in a row are one for a connection of which nothing was recorded between them. */
export class GapLog {
  readonly gaps: Gap[] = [];
  /** What is missing by then, so that many gaps need not be added up again and again. */
  readonly #sums: Pick<Gap, "missingEntries" | "missingBytes">[] = [NOTHING];

  add(gap: Gap): void {
    const before = this.#sums.at(-1) ?? NOTHING;
    this.gaps.push(gap);
    this.#sums.push({
      missingEntries: before.missingEntries + gap.missingEntries,
      missingBytes: before.missingBytes + gap.missingBytes,
    });
  }

  /** All that came after the first `count`, as one; null when there is none. */
  since(count: number): Gap | null {
    const first = this.gaps[count];
    const last = this.gaps.at(-1);
    if (first === undefined || last === undefined) return null;
    const [before, all] = [this.#sums[count] ?? NOTHING, this.#sums.at(-1) ?? NOTHING];
    return {
      ...last,
      fromMs: first.fromMs,
      reason: first.reason,
      missingEntries: all.missingEntries - before.missingEntries,
      missingBytes: all.missingBytes - before.missingBytes,
    };
  }
}

/** The gaps of one connection: its own, and those of the whole recording while it is open. */
export class ConnectionGaps {
  readonly gaps: Gap[] = [];
  readonly #whole: GapLog;
  #knownOfWhole: number;
  #isOver = false;
  readonly #opaque = new Set<Side>();

  constructor(first: Entry, whole: GapLog) {
    this.#whole = whole;
    this.#knownOfWhole = whole.gaps.length;
    // Where no Gateway was reached, nothing was said before.
    const isWhole =
      first.kind === "opened" || (first.kind === "closed" && first.how === "unreachable");
    if (!isWhole) this.gaps.push(gapBefore(first));
  }

  /** Takes in the next entry of the connection. True when something is missing that was not known to be. */
  add(entry: Entry): boolean {
    const count = this.gaps.length;
    this.catchUp();
    if (entry.kind === "gap") this.gaps.push(gapOf(entry));
    else if (entry.kind === "undecodable") this.#addUndecodable(entry);
    else if (entry.kind === "closed") this.#isOver = true;
    return this.gaps.length > count;
  }

  /** Takes in what the whole recording lost meanwhile. True when it lost something. */
  catchUp(): boolean {
    const gap = this.#isOver ? null : this.#whole.since(this.#knownOfWhole);
    if (gap === null) return false;
    this.#knownOfWhole = this.#whole.gaps.length;
    this.gaps.push(gap);
    return true;
  }

  // Nothing is known of a side after the first bytes that could not be understood. What only the end cut short is no loss.
  #addUndecodable(entry: Numbered<UndecodableEntry>): void {
    if (this.#opaque.has(entry.from) || entry.reason.startsWith("ended inside ")) return;
    this.#opaque.add(entry.from);
    this.gaps.push(gapAfter(entry));
  }
}

/** True when something of that side that came after that entry may not be in the recording. */
export function mayMissAfter(gaps: readonly Gap[], entry: number, side: Side): boolean {
  const last = gaps.findLast((gap) => isOf(gap, side));
  return last !== undefined && (last.untilMs === null || last.entry > entry);
}

/** True when something of that side that came before that entry may not be in the recording. */
export function mayMissBefore(gaps: readonly Gap[], entry: number, side: Side): boolean {
  const first = gaps.find((gap) => isOf(gap, side));
  return first !== undefined && first.entry <= entry;
}

function isOf(gap: Gap, side: Side): boolean {
  return gap.side === null || gap.side === side;
}
