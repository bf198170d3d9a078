import { toPrintable } from "./printable.ts";
import { renderCount, renderSize } from "./quantity.ts";
import { renderTable } from "./style.ts";

/** A recording that was not written to for long. */
export interface OldRecording {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Milliseconds since the Unix epoch. */
  readonly changedMs: number;
}

const DAY_MS = 86_400_000;

/** What would be deleted, or that there is nothing. Ends with a line break. */
export function renderPruneList(
  folder: string,
  old: readonly OldRecording[],
  nowMs: number,
): string {
  if (old.length === 0) return `Nothing so old in ${toPrintable(folder)}.\n`;
  const rows = old.map(({ name, sizeBytes, changedMs }) => [
    toPrintable(name),
    renderSize(sizeBytes),
    `${renderCount(Math.floor((nowMs - changedMs) / DAY_MS), "day")} old`,
  ]);
  const size = renderSize(old.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  return `${toPrintable(folder)}\n${renderTable(rows)}\n${renderCount(old.length, "recording")}, ${size}\n`;
}
