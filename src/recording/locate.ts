import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { GwTraceError } from "../errors.ts";
import type { RecordingHeader } from "./entry.ts";
import { RECORDING_EXTENSION } from "./format.ts";
import { recordingName, recordingNamesIn, recordingNotFound } from "./names.ts";
import { openRecording } from "./reader.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** One file of the recordings folder. */
export interface FoundRecording {
  readonly name: string;
  readonly path: string;
  /** Null when the file cannot be read as a recording; then `problem` says why. */
  readonly header: RecordingHeader | null;
  readonly sizeBytes: number;
  readonly entryCount: number;
  readonly complete: boolean;
  readonly problem: string | null;
}

/** The recordings that come with gw-trace. Nothing is written there. */
export const SHIPPED_RECORDINGS = fileURLToPath(new URL("../../recordings", import.meta.url));

/**
 * The folder of the user's recordings: `$GW_TRACE_DIR`, else the state folder (XDG). Never one of a checkout, where a commit would
 * publish somebody's traffic.
 */
export function recordingsFolder(env: Environment, cwd: string): string {
  const named = env["GW_TRACE_DIR"];
  if (named) return resolve(cwd, named);
  // The XDG specification has relative paths ignored.
  const state = env["XDG_STATE_HOME"];
  if (state?.startsWith("/")) return join(state, "gw-trace");
  return resolve(cwd, env["HOME"] ?? ".", ".local", "state", "gw-trace");
}

/** The recordings in a folder, the newest first, those that cannot be read last; none when there is no such folder. */
export async function findRecordings(folder: string): Promise<readonly FoundRecording[]> {
  const found: FoundRecording[] = [];
  for (const name of await recordingNamesIn(folder)) {
    found.push(await describeRecording(join(folder, name + RECORDING_EXTENSION)));
  }
  return found.toSorted(
    (a, b) => startOf(b) - startOf(a) || partOf(b) - partOf(a) || a.name.localeCompare(b.name),
  );
}

/**
 * The path of a recording given as a path, as a name with or without its ending in the recordings folder or else among those that
 * come with gw-trace, or as `last`, the newest of the folder.
 * @throws {GwTraceError} RECORDING_NOT_FOUND
 */
export async function resolveRecording(
  nameOrPath: string,
  env: Environment,
  cwd: string,
): Promise<string> {
  const folder = recordingsFolder(env, cwd);
  const asPath = resolve(cwd, nameOrPath);
  const inFolder = join(folder, nameOrPath);
  const isName = basename(nameOrPath) === nameOrPath;
  const shipped = isName ? [join(SHIPPED_RECORDINGS, nameOrPath)] : [];
  for (const path of nameOrPath === "last" ? [asPath] : [asPath, inFolder, ...shipped]) {
    if (await isFile(path)) return path;
    if (await isFile(path + RECORDING_EXTENSION)) return path + RECORDING_EXTENSION;
  }
  if (nameOrPath === "last") return newestIn(folder);
  if (await isFolder(asPath)) {
    throw new GwTraceError(
      "RECORDING_NOT_FOUND",
      `${asPath} is a folder, not a recording`,
      "List what is in it with gw-trace ls <folder>.",
    );
  }
  // Someone who wrote a folder meant that folder.
  throw await (isName
    ? recordingNotFound(inFolder, [SHIPPED_RECORDINGS])
    : recordingNotFound(asPath));
}

async function newestIn(folder: string): Promise<string> {
  const newest = (await findRecordings(folder)).find(({ header }) => header !== null);
  if (newest !== undefined) return newest.path;
  throw new GwTraceError(
    "RECORDING_NOT_FOUND",
    `there is no recording in ${folder}`,
    "Make one with gw-trace record, or name its folder with GW_TRACE_DIR.",
  );
}

async function describeRecording(path: string): Promise<FoundRecording> {
  try {
    await using reader = await openRecording(path);
    const { header, sizeBytes, entryCount, complete } = reader;
    return {
      name: recordingName(path),
      path,
      header,
      sizeBytes,
      entryCount,
      complete,
      problem: null,
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const sizeBytes = (await stat(path).catch(() => null))?.size ?? 0;
    const nothing = { header: null, entryCount: 0, complete: false };
    return { name: recordingName(path), path, ...nothing, sizeBytes, problem };
  }
}

function startOf({ header }: FoundRecording): number {
  return header === null ? Number.NEGATIVE_INFINITY : Date.parse(header.startedAt);
}

/** The files of one flight recorder began at the same time; the newest traffic is in the last. */
function partOf({ header }: FoundRecording): number {
  return header?.part ?? 0;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}
