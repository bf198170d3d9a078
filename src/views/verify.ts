import { toPrintable } from "./printable.ts";
import { renderSize } from "./quantity.ts";

/** What reading all of a recording showed. */
export interface VerifiedRecording {
  readonly name: string;
  /** True when it was closed whole and nothing is missing. */
  readonly sound: boolean;
  readonly complete: boolean;
  /** Entries that could be read. */
  readonly entries: number;
  readonly sizeBytes: number;
  readonly missing: readonly string[];
}

/** Whether a recording is sound, and all that is wrong with it. Ends with a line break. */
export function renderVerify(verified: VerifiedRecording): string {
  const { name, sound, complete, entries, sizeBytes, missing } = verified;
  const head = `${name}: ${sound ? "sound" : "NOT SOUND"}, ${entries.toLocaleString("en-US")} entries read, ${renderSize(sizeBytes)}`;
  const lines = [
    head,
    ...missing.map((what) => `  ${what}`),
    ...(complete ? [] : ["  it was not closed: the recorder was stopped hard, or still writes"]),
  ];
  return lines.map((line) => `${toPrintable(line)}\n`).join("");
}
