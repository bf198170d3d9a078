/** The entries that the frames pane shows, in order. A list never changes. */
export interface FrameList {
  readonly length: number;
  /** The entry at that position, or null outside the list. */
  entryAt(position: number): number | null;
  /** The position of that entry, or of the first one after it. */
  positionOf(entry: number): number;
}

/** Every entry from 1 to `count`. */
export function allFrames(count: number): FrameList {
  return {
    length: count,
    entryAt: (position) => (position >= 0 && position < count ? position + 1 : null),
    positionOf: (entry) => Math.min(Math.max(entry - 1, 0), count),
  };
}

/** Some of the entries, in rising order. */
export class PickedFrames implements FrameList {
  /** No entries at all. */
  static readonly none = new PickedFrames(new Uint32Array(256), 0);
  readonly length: number;
  private readonly entries: Uint32Array;

  private constructor(entries: Uint32Array, length: number) {
    this.entries = entries;
    this.length = length;
  }

  entryAt(position: number): number | null {
    return position < this.length ? (this.entries[position] ?? null) : null;
  }

  positionOf(entry: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle] ?? 0) < entry) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** This list with more entries behind it. */
  append(more: readonly number[]): PickedFrames {
    if (more.length === 0) return this;
    const length = this.length + more.length;
    const entries = new Uint32Array(Math.max(256, 2 ** Math.ceil(Math.log2(length))));
    entries.set(this.entries.subarray(0, this.length));
    entries.set(more, this.length);
    return new PickedFrames(entries, length);
  }
}
