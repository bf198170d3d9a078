import { parentPort } from "node:worker_threads";
import { GwTraceError } from "../errors.ts";
import { isFinding } from "../findings/catalogue.ts";
import { createFlightRecorder } from "../recording/flight-recorder.ts";
import { createRecording } from "../recording/writer.ts";
import { BatchWork } from "./batch-work.ts";
import { NoticeBoard } from "./notices.ts";
import { Recorder } from "./recorder.ts";
import type { Finding } from "../findings/finding.ts";
import type { FlightRecorder } from "../recording/flight-recorder.ts";
import type { RecordingWriter } from "../recording/writer.ts";
import type { FromWorker, PlainError, RecorderPlan, ToWorker } from "./worker-message.ts";

// The recording thread: decodes, redacts and writes what the splicing thread hands over.

/** Where entries go: one file, or the newest of many. */
type Sink = RecordingWriter | FlightRecorder;

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

function save(recorder: FlightRecorder, { code }: Finding, saveOn: readonly string[]): void {
  if (!saveOn.some((wanted) => isFinding(code, wanted))) return;
  void recorder.save(code)?.then((path) => {
    if (path !== null) reply({ type: "saved", path });
  });
}

interface Recording {
  readonly recorder: Recorder;
  /** Looks for findings on open connections, and says how far the recording is. */
  readonly look: () => void;
}

function createRecorder(writer: Sink, plan: RecorderPlan): Recording {
  let frames = 0;
  let findings = 0;
  const board = new NoticeBoard({
    onNotice: (notice) => reply({ type: "notice", notice }),
    onFinding: (finding) => {
      findings += 1;
      reply({ type: "finding", finding });
      if ("save" in writer) save(writer, finding, plan.flight?.saveOn ?? []);
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

async function finish(writer: Sink, { recorder, look }: Recording): Promise<void> {
  await recorder.idle();
  look();
  reply({ type: "finished", recording: await writer.close() });
  parentPort?.close();
}

function serve(writer: Sink, plan: RecorderPlan): void {
  const recording = createRecorder(writer, plan);
  const work = new BatchWork(writer, recording.recorder, () => reply({ type: "taken" }));
  parentPort?.on("message", (message: ToWorker) => {
    if (message.type === "batch") work.add(message.batch);
    else if (message.type === "finish") {
      // There is nothing to wait for any more: what the disk does not take now is missed.
      writer.stopWaiting();
      void work.idle().then(() => finish(writer, recording));
    }
  });
}

async function begin({ path, header, plan }: Begin): Promise<void> {
  try {
    const onBlind = (error: GwTraceError): void => reply({ type: "blind", error: plain(error) });
    const writer =
      plan.flight === null
        ? await createRecording(path, header, { onBlind })
        : await createFlightRecorder(path, header, plan.flight, { onBlind });
    serve(writer, plan);
    reply({ type: "begun" });
  } catch (error) {
    reply({ type: "failed", error: plain(error) });
    parentPort?.close();
  }
}

parentPort?.once("message", (message: ToWorker) => {
  if (message.type === "begin") void begin(message);
});
