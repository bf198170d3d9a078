import type { RecordingHeader } from "../recording/entry.ts";
import { toPrintable } from "./printable.ts";

/** What whoever exports a recording has to know of it; nothing when all is well. Ends with a line break. */
export function renderExport(recording: {
  readonly name: string;
  readonly header: RecordingHeader;
  readonly missing: readonly string[];
}): string {
  const { name, header, missing } = recording;
  const inClear = header.redaction === "off" && header.scrubbed === null;
  return [
    ...(inClear ? [`${name} holds credentials IN CLEAR, and so does what was written`] : []),
    ...missing.map((line) => `${name}: ${line}`),
  ]
    .map((line) => `${toPrintable(line)}\n`)
    .join("");
}
