import { parentPort } from "node:worker_threads";
import { GwTraceError } from "../errors.ts";
import { isFinding } from "../findings/catalogue.ts";
import { createFlightRecorder } from "../recorder/flight-recorder.ts";
import { createRecording } from "../recorder/writer.ts";
import { readKnownSecrets } from "../redaction/known-beforehand.ts";
import { createRedactor } from "../redaction/redaction.ts";
import { replayBatch } from "./batch.ts";
import { GarbageWatch } from "./garbage.ts";
import { NoticeBoard } from "./notices.ts";
import { Recorder } from "./recorder.ts";
import type { Finding } from "../findings/finding.ts";
import type { FlightRecorder } from "../recorder/flight-recorder.ts";
import type { RecordingWriter } from "../recorder/writer.ts";
import type { Batch } from "./batch.ts";
import type { FromWorker, PlainError, RecorderPlan, ToWorker } from "./worker-message.ts";

// The recording thread: decodes, redacts and writes what the splicing thread hands over.

/** Where entries go: one file, or the newest of many. */
type Sink = RecordingWriter | FlightRecorder;

type Begin = Extract<ToWorker, { type: "begin" }>;

function reply(message: FromWorker, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function plain(error: unknown): PlainError {
  if (error instanceof GwTraceError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "WRITE_FAILED", message, hint: "Please report this: it is a bug in gw-trace." };
}

const garbage = new GarbageWatch(16 * 1024 * 1024);

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

function createRecorder(writer: Sink, plan: RecorderPlan, maxMessageBytes: number): Recording {
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
    append: (entry, reading) => writer.append(entry, reading),
    onEntry: (entry, reading) => {
      if (entry.kind === "message") frames += 1;
      board.add(entry, reading);
    },
    bytes: "own",
    httpBodies: plan.httpBodies,
    maxMessageBytes,
  });
  return { recorder, look };
}

async function finish(writer: Sink, { recorder, look }: Recording): Promise<void> {
  await recorder.idle();
  look();
  reply({ type: "finished", recording: await writer.close() });
  parentPort?.close();
}

function serve(writer: Sink, recording: Recording): void {
  const batches: Batch[] = [];
  let working: Promise<void> | null = null;
  parentPort?.on("message", (message: ToWorker) => {
    if (message.type === "batch") {
      batches.push(message.batch);
      working ??= takeIn(batches, writer, recording.recorder).finally(() => (working = null));
    } else if (message.type === "finish") {
      // There is nothing to wait for any more: what the disk does not take now is missed.
      writer.stopWaiting();
      void Promise.resolve(working).then(() => finish(writer, recording));
    }
  });
}

/**
 * Takes in one batch a turn of the event loop, so that what was written before can be finished, and none while much waits for the
 * disk: the splicing thread, which sees its queue grow, decides what to do then.
 */
async function takeIn(batches: Batch[], writer: Sink, recorder: Recorder): Promise<void> {
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    await writer.whenRoom();
    replayBatch(batch, recorder);
    garbage.add(batch.sizeBytes);
    // Only what is decoded is taken in: what waits for inflating still fills the queue.
    await new Promise<void>((resolve) => recorder.afterwards(resolve));
    const memory = batch.bytes.buffer;
    reply({ type: "taken", memory }, [memory]);
    await new Promise(setImmediate);
  }
}

async function begin({ path, header, plan, maxMessageBytes }: Begin): Promise<void> {
  try {
    const onBlind = (error: GwTraceError): void => reply({ type: "blind", error: plain(error) });
    const known = await readKnownSecrets(process.env, plan.known);
    const redactor = createRedactor(header.redaction, known);
    const writer =
      plan.flight === null
        ? await createRecording(path, header, { onBlind, redactor, hasToHurry: true })
        : await createFlightRecorder(path, header, plan.flight, { onBlind, redactor });
    serve(writer, createRecorder(writer, plan, maxMessageBytes));
    reply({ type: "begun" });
  } catch (error) {
    reply({ type: "failed", error: plain(error) });
    parentPort?.close();
  }
}

parentPort?.once("message", (message: ToWorker) => {
  if (message.type === "begin") void begin(message);
});
