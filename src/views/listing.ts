import type { FoundRecording } from "../recording/locate.ts";
import { renderFindingCounts, type RecordingInfo } from "./info.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderDuration, renderInstant, renderSize } from "./quantity.ts";
import { renderTable } from "./style.ts";

/** A recording of a folder, with what a first look at it told; null when it cannot be read. */
export interface ListedRecording {
  readonly found: FoundRecording;
  readonly info: RecordingInfo | null;
}

function renderWholeness({ complete, missing }: RecordingInfo): string {
  if (missing.length > 0) return complete ? "NOT ALL RECORDED" : "NOT ALL RECORDED, not complete";
  return complete ? "" : "not complete";
}

/** The recordings of a folder as a table, or a line that says there are none. */
export function renderListing(folder: string, listed: readonly ListedRecording[]): string {
  if (listed.length === 0) return `No recordings in ${toPrintable(folder)}.\n`;
  const rows = listed.map(({ found, info }) =>
    info === null
      ? [toPrintable(found.name), "", renderSize(found.sizeBytes), toPrintable(found.problem ?? "")]
      : [
          toPrintable(found.name),
          renderInstant(info.header.startedAt),
          renderSize(info.sizeBytes),
          renderDuration(info.durationMs),
          toPrintable(info.gatewayVersion ?? "-"),
          `${renderCount(info.connections, "connection")}${info.whole ? "" : "+"}`,
          renderFindingCounts(info),
          renderWholeness(info),
        ],
  );
  return `${toPrintable(folder)}\n${renderTable(rows)}\n`;
}
