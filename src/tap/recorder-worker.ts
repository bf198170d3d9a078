import { parentPort } from "node:worker_threads";
import { GwTraceError } from "../errors.ts";
import { createRecording } from "../recording/writer.ts";
import { replayBatch } from "./batch.ts";
import { NoticeBoard } from "./notices.ts";
import { Recorder } from "./recorder.ts";
import type { RecordingWriter } from "../recording/writer.ts";
import type { FromWorker, PlainError, ToWorker } from "./worker-message.ts";

// The recording thread: decodes, redacts and writes what the splicing thread hands over.

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

function createRecorder(writer: RecordingWriter): Recorder {
  const board = new NoticeBoard((notice) => reply({ type: "notice", notice }));
  return new Recorder({
    append: (entry) => writer.append(entry),
    onEntry: (entry) => board.add(entry),
    bytes: "owned",
  });
}

async function finish(writer: RecordingWriter, recorder: Recorder): Promise<void> {
  await recorder.idle();
  reply({ type: "finished", recording: await writer.close() });
  parentPort?.close();
}

function serve(writer: RecordingWriter): void {
  const recorder = createRecorder(writer);
  parentPort?.on("message", (message: ToWorker) => {
    if (message.type === "batch") {
      replayBatch(message.batch, recorder);
      reply({ type: "taken", sizeBytes: message.batch.bytes.length });
    } else if (message.type === "finish") void finish(writer, recorder);
  });
}

async function begin({ path, header }: Extract<ToWorker, { type: "begin" }>): Promise<void> {
  try {
    const onBlind = (error: GwTraceError): void => reply({ type: "blind", error: plain(error) });
    serve(await createRecording(path, header, { onBlind }));
    reply({ type: "begun" });
  } catch (error) {
    reply({ type: "failed", error: plain(error) });
    parentPort?.close();
  }
}

parentPort?.once("message", (message: ToWorker) => {
  if (message.type === "begin") void begin(message);
});
