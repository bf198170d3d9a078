import { parentPort } from "node:worker_threads";
import { GwTraceError } from "../errors.ts";
import { createRecording } from "../recording/writer.ts";
import { replayBatch } from "./batch.ts";
import { NoticeBoard } from "./notices.ts";
import { Recorder } from "./recorder.ts";
import type { RecordingWriter } from "../recording/writer.ts";
import type { FromWorker, PlainError, ToWorker } from "./worker-message.ts";

// The recording thread: decodes, redacts and writes what the splicing thread hands over.

type Begin = Extract<ToWorker, { type: "begin" }>;

function reply(message: FromWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
}

function plain(error: unknown): PlainError {
  if (error instanceof GwTraceError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "WRITE_FAILED", message, hint: "Please report this: it is a bug in gw-trace." };
}

/** How often it is said how far the recording is, and looked for findings on open connections. */
const LOOK_EVERY_MS = 250;

interface Recording {
  readonly recorder: Recorder;
  /** Looks for findings on open connections, and says how far the recording is. */
  readonly look: () => void;
}

function createRecorder(writer: RecordingWriter): Recording {
  let frames = 0;
  let findings = 0;
  const board = new NoticeBoard({
    onNotice: (notice) => reply({ type: "notice", notice }),
    onFinding: (finding) => {
      findings += 1;
      reply({ type: "finding", finding });
    },
  });
  const look = (): void => {
    board.look();
    const { sizeBytes, missedEntries } = writer;
    reply({ type: "status", status: { frames, findings, sizeBytes, missedEntries } });
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  const recorder = new Recorder({
    append: (entry) => writer.append(entry),
    onEntry: (entry) => {
      if (entry.kind === "message") frames += 1;
      board.add(entry);
    },
    bytes: "owned",
  });
  return { recorder, look };
}

async function finish(writer: RecordingWriter, { recorder, look }: Recording): Promise<void> {
  await recorder.idle();
  look();
  reply({ type: "finished", recording: await writer.close() });
  parentPort?.close();
}

function serve(writer: RecordingWriter, mustRecord: boolean): void {
  const recording = createRecorder(writer);
  const { recorder } = recording;
  const taken = (): void => reply({ type: "taken" });
  parentPort?.on("message", (message: ToWorker) => {
    if (message.type === "batch") {
      replayBatch(message.batch, recorder);
      // Only what is decoded is taken in: what waits for inflating still fills the queue.
      recorder.afterwards(mustRecord ? () => void writer.whenRoom().then(taken) : taken);
    } else if (message.type === "finish") void finish(writer, recording);
  });
}

async function begin({ path, header, mustRecord }: Begin): Promise<void> {
  try {
    const onBlind = (error: GwTraceError): void => reply({ type: "blind", error: plain(error) });
    // When it must record, the queue before it is the limit.
    const maxPendingBytes = mustRecord ? Number.MAX_SAFE_INTEGER : MAX_PENDING_BYTES;
    const writer = await createRecording(path, header, { onBlind, maxPendingBytes });
    serve(writer, mustRecord);
    reply({ type: "begun" });
  } catch (error) {
    reply({ type: "failed", error: plain(error) });
    parentPort?.close();
  }
}

/** What waits for the disk at most; see the limits of worker-recorder.ts. */
const MAX_PENDING_BYTES = 12 * 1024 * 1024;

parentPort?.once("message", (message: ToWorker) => {
  if (message.type === "begin") void begin(message);
});
