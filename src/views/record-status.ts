import { renderCount, renderSize } from "./quantity.ts";

/** Numbers for the line that says how a recording goes. */
export interface RecordProgress {
  readonly open: number;
  readonly connections: number;
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly sizeBytes: number;
  readonly findings: number;
  readonly missedEntries: number;
}

/** How a recording goes, in one line. */
export function renderRecordStatus(progress: RecordProgress): string {
  const { open, connections, frames, framesPerSecond, sizeBytes, findings, missedEntries } =
    progress;
  return [
    `${open} open of ${renderCount(connections, "connection")}`,
    renderCount(frames, "frame"),
    `${Math.round(framesPerSecond).toLocaleString("en-US")}/s`,
    renderSize(sizeBytes),
    renderCount(findings, "finding"),
    missedEntries > 0 ? `${missedEntries.toLocaleString("en-US")} NOT RECORDED` : "none dropped",
  ].join("  ");
}
