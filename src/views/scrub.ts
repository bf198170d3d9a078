import { toPrintable } from "./printable.ts";
import { renderCount } from "./quantity.ts";

/** One place at which something is left that a level takes out. */
export interface LeftPlace {
  /** Null for the recording's header. */
  readonly entry: number | null;
  readonly connection: number | null;
  /** A JSON path, or the name of a part of the entry. */
  readonly place: string;
}

const MAX_SHOWN = 100;

/** What a check found, a line a place, or that it found nothing. Ends with a line break. */
export function renderScrubCheck(name: string, level: string, left: readonly LeftPlace[]): string {
  if (left.length === 0) return `${toPrintable(name)}: nothing is left of ${level}\n`;
  const lines = left
    .slice(0, MAX_SHOWN)
    .map(({ entry, connection, place }) =>
      entry === null
        ? `  header, ${place}`
        : `  entry ${entry}, connection ${connection}, ${place}`,
    );
  const more = left.length - MAX_SHOWN;
  return `${[
    `${name}: ${renderCount(left.length, "place")} where something is left of ${level}`,
    ...lines,
    ...(more > 0 ? [`  … and ${renderCount(more, "more place")}; --json lists them all`] : []),
  ]
    .map(toPrintable)
    .join("\n")}\n`;
}
