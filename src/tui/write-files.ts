import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GwTraceError } from "../errors.ts";
import type { Entry } from "../recording/entry.ts";
import { copiedEntries } from "../recording/holes.ts";
import { RECORDING_EXTENSION } from "../recording/format.ts";
import type { RecordingReader } from "../recording/reader.ts";
import { createRecording } from "../recorder/writer.ts";
import { Cut, keepChosen } from "../reduce/cut.ts";
import type { Trace } from "../trace/model.ts";
import { renderMarkdownReport } from "../views/report-markdown.ts";
import type { FrameList } from "./reading/frame-list.ts";
import type { RecordingState } from "./state.ts";
import type { Task } from "./task.ts";

/** Which frames to write, and where to. */
export interface WantedFrames {
  readonly trace: Trace;
  readonly list: FrameList;
  /** The file; its ending is added where it lacks. */
  readonly name: string;
}

/** What came of writing frames. */
export interface WrittenFrames {
  readonly path: string;
  readonly frames: number;
  /** Entries written besides those, without which they say little: handshakes, ends, and answers. */
  readonly others: number;
}

/**
 * Writes the frames of a list to a new recording, with what `gw-trace cut` keeps beside them. What was redacted stays so.
 * Null, and no file, when the task was stopped.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
 */
export async function writeFrames(
  reader: RecordingReader,
  { trace, list, name }: WantedFrames,
  task: Task,
): Promise<WrittenFrames | null> {
  const path = name.endsWith(RECORDING_EXTENSION) ? name : name + RECORDING_EXTENSION;
  const { formatVersion: _format, toolVersion: _tool, ...header } = reader.header;
  const writer = await createRecording(path, header);
  const cut = new Cut(trace);
  let [read, frames, goesOn, lost] = [0, 0, true, 0];
  for await (const entry of copiedEntries(reader)) {
    goesOn &&= await task.goesOn(read++ / 2);
    if (!goesOn) break;
    const isShown = list.entryAt(list.positionOf(entry.entry)) === entry.entry;
    if (isShown) frames++;
    cut.look(entry, isShown);
  }
  const chosen = cut.chosen();
  for await (const { entry, ...body } of keepChosen(copiedEntries(reader), chosen)) {
    goesOn &&= await task.goesOn((read + entry) / 2);
    if (!goesOn) break;
    if (body.kind === "gap") lost += body.missingEntries;
    writer.append(body);
    await writer.whenRoom();
  }
  const closed = await writer.close();
  if (!goesOn) {
    await rm(path);
    return null;
  }
  // What the original misses is no fault of the copy.
  const missedEntries = closed.missedEntries - lost;
  if (closed.complete && missedEntries === 0) return { path, frames, others: chosen.size - frames };
  throw new GwTraceError(
    "WRITE_FAILED",
    `${path} is not whole: ${missedEntries} entries are missing`,
    "Look whether the disk is full.",
  );
}

/**
 * Writes a report in Markdown to a new file.
 * @throws {GwTraceError} RECORDING_EXISTS, WRITE_FAILED
 */
export async function writeReport(
  reader: RecordingReader,
  { trace, findings, name }: RecordingState,
  path: string,
): Promise<void> {
  const evidence = new Map<number, Entry>();
  for (const number of new Set(findings.flatMap((finding) => finding.evidence))) {
    const [entry] = await reader.read(number, 1);
    if (entry !== undefined) evidence.set(number, entry);
  }
  await writeNew(path, renderMarkdownReport([trace], findings, new Map([[name, evidence]])));
}

/** Writes a text to a new file of its own, for its owner's eyes alone; returns its path. For terminals that cannot copy. */
export async function writeCopy(text: string, attempt = 1): Promise<string> {
  const path = join(tmpdir(), `gw-trace-copy-${process.pid}-${attempt}.txt`);
  try {
    await writeNew(path, text);
    return path;
  } catch (error) {
    if (!(error instanceof GwTraceError) || error.code !== "RECORDING_EXISTS") throw error;
    return writeCopy(text, attempt + 1);
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    const why = error instanceof Error ? error.message : String(error);
    throw new GwTraceError(
      isThere ? "RECORDING_EXISTS" : "WRITE_FAILED",
      isThere ? `${path} is there already` : `${path} cannot be written: ${why}`,
      "Give another name.",
      { cause: error },
    );
  }
}
