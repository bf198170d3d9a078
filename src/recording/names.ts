import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { closest, distance } from "fastest-levenshtein";
import { GwTraceError } from "../errors.ts";
import { RECORDING_EXTENSION } from "./format.ts";

/** The name of a recording: its file's, without folder and ending. */
export function recordingName(path: string): string {
  return basename(path, RECORDING_EXTENSION);
}

/**
 * Names for recordings that are looked at together, in order. Where two files have one name, folders stand before it, as many as
 * it takes; one file given twice gets a number.
 */
export function distinctNames(paths: readonly string[]): readonly string[] {
  const parts = paths.map((path) => ({ name: recordingName(path), folder: dirname(path) }));
  const names = parts.map(({ name }) => name);
  for (let depth = 1; depth < 32 && hasTwins(names); depth++) {
    const alike = names.map((name) => names.filter((other) => other === name).length > 1);
    for (const [index, { name, folder }] of parts.entries()) {
      if (alike[index] === true) names[index] = join(lastFolders(folder, depth), name);
    }
  }
  return names.map((name, index) => {
    const before = names.slice(0, index).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

function hasTwins(names: readonly string[]): boolean {
  return new Set(names).size < names.length;
}

function lastFolders(folder: string, count: number): string {
  return folder.split("/").filter(Boolean).slice(-count).join("/");
}

/** The names of the files in a folder that look like recordings; none when there is no such folder. */
export async function recordingNamesIn(folder: string): Promise<readonly string[]> {
  const files = await readdir(folder).catch(() => []);
  return files.filter((file) => file.endsWith(RECORDING_EXTENSION)).map(recordingName);
}

/** The error for a recording that is not there; names the most similar one in the same folder or in others where it might be. */
export async function recordingNotFound(
  path: string,
  others: readonly string[] = [],
  cause?: unknown,
): Promise<GwTraceError> {
  const folder = dirname(path);
  const wanted = recordingName(path);
  const names = (await Promise.all([folder, ...others].map(recordingNamesIn))).flat();
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
