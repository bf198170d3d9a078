import type { Entry } from "../recording/entry.ts";
import type { EventCount } from "./model.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Counts the events of one connection by their names. */
export class EventCounts {
  private readonly counts = new Map<string, Mutable<EventCount>>();

  /** Takes in an event. */
  add({ entry, atMs }: Pick<Entry, "entry" | "atMs">, event: string): void {
    const seen = this.counts.get(event);
    if (seen === undefined) {
      this.counts.set(event, { event, count: 1, firstEntry: entry, firstMs: atMs, lastMs: atMs });
    } else {
      seen.count += 1;
      seen.lastMs = atMs;
    }
  }

  /** The counts, in the order in which each name first came. */
  list(): readonly EventCount[] {
    return [...this.counts.values()];
  }
}
