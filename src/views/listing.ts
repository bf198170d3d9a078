import type { FoundRecording } from "../recording/locate.ts";
import { toPrintable } from "./printable.ts";
import { renderInstant, renderSize } from "./quantity.ts";
import { renderTable } from "./style.ts";

/** The recordings of a folder as a table, or a line that says there are none. */
export function renderListing(folder: string, found: readonly FoundRecording[]): string {
  if (found.length === 0) return `No recordings in ${toPrintable(folder)}.\n`;
  const rows = found.map((recording) => [
    toPrintable(recording.name),
    recording.header === null ? "" : renderInstant(recording.header.startedAt),
    renderSize(recording.sizeBytes),
    recording.header === null ? "" : `${recording.entryCount.toLocaleString("en-US")} entries`,
    recording.problem === null
      ? recording.complete
        ? "complete"
        : "not complete"
      : toPrintable(recording.problem),
  ]);
  return `${toPrintable(folder)}\n${renderTable(rows)}\n`;
}
