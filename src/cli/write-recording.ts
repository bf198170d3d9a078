import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { usageError } from "../errors.ts";
import { partPath } from "../recorder/flight-plan.ts";
import { type ClosedRecording, createRecording } from "../recorder/writer.ts";
import type { NewEntry, NewRecordingHeader } from "../recording/entry.ts";
import { RECORDING_EXTENSION } from "../recording/format.ts";
import { recordingsFolder } from "../recording/locate.ts";
import type { RecordingReader } from "../recording/reader.ts";

/**
 * Writes entries as a new recording, no faster than the disk takes them. Nothing is written over.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
 */
export async function writeRecording(
  path: string,
  header: NewRecordingHeader,
  entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
): Promise<ClosedRecording> {
  await using writer = await createRecording(path, header);
  for await (const entry of entries) {
    writer.append(entry);
    await writer.whenRoom();
  }
  return await writer.close();
}

/**
 * Writes what is kept of a recording where `--output` says, else as `<name>-<what>` in the recordings folder.
 * @throws {GwTraceError} USAGE, RECORDING_EXISTS, WRITE_FAILED
 */
export async function writePart(
  reader: RecordingReader,
  what: string,
  output: string | undefined,
  entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
): Promise<ClosedRecording> {
  const { formatVersion: _, toolVersion: __, ...header } = reader.header;
  const partName = `${reader.name.replaceAll(/[/\\ ]/g, "-")}-${what}`;
  const path = await newRecordingPath({ name: partName, output: output ?? null });
  return writeRecording(path, header, entries);
}

/** What the user said about where to write. */
export interface WantedPath {
  readonly name: string | null;
  readonly output: string | null;
}

/**
 * Where a new recording goes: the file given, else the name given or made from the time, in the recordings folder.
 * @throws {GwTraceError} USAGE
 */
export async function newRecordingPath({ name, output }: WantedPath): Promise<string> {
  return output === null ? pathInFolder(name) : resolve(output);
}

async function pathInFolder(name: string | null): Promise<string> {
  if (name !== null && /[/\\]/.test(name)) {
    throw usageError(
      `"${name}" is a path, not a name`,
      `Write gw-trace record -o ${name} to choose the file.`,
    );
  }
  const folder = recordingsFolder(process.env, process.cwd());
  if (name !== null) {
    const file = name.endsWith(RECORDING_EXTENSION) ? name : name + RECORDING_EXTENSION;
    return join(folder, file);
  }
  // 2026-11-23T04:16:00.000Z becomes 2026-11-23-041600: it sorts, and is no trouble to type.
  const stamp = new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
  return freePath(join(folder, stamp));
}

async function freePath(stem: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const path = `${stem}${attempt === 1 ? "" : `-${attempt}`}${RECORDING_EXTENSION}`;
    // A flight recorder has no file of that very name.
    if (!(await canAccess(path)) && !(await canAccess(partPath(path, 1)))) return path;
  }
}

/** Whether a file can be used so; without a mode, whether it is there. */
export function canAccess(path: string, mode?: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
