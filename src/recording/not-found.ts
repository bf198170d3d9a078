import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { closest, distance } from "fastest-levenshtein";
import { GwTraceError } from "../errors.ts";
import { RECORDING_EXTENSION } from "./format.ts";

/** The error for a recording that is not there; names the most similar one in the same folder. */
export async function recordingNotFound(path: string, cause?: unknown): Promise<GwTraceError> {
  const folder = dirname(path);
  const wanted = basename(path, RECORDING_EXTENSION);
  const names = (await readdir(folder).catch(() => []))
    .filter((file) => file.endsWith(RECORDING_EXTENSION))
    .map((file) => basename(file, RECORDING_EXTENSION));
  return new GwTraceError(
    "RECORDING_NOT_FOUND",
    `there is no recording ${wanted} in ${folder}`,
    hintFor(wanted, names),
    { cause },
  );
}

function hintFor(wanted: string, names: readonly string[]): string {
  if (names.length === 0) return "Make one with gw-trace record.";
  const nearest = closest(wanted, names);
  // Further away than half of what was typed, it is no slip of the finger.
  return distance(wanted, nearest) <= Math.max(2, wanted.length / 2)
    ? `Did you mean ${nearest}?`
    : "List what there is with gw-trace ls.";
}
