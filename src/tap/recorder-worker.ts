import { parentPort } from "node:worker_threads";
import { GwTraceError } from "../errors.ts";
import { isFinding } from "../findings/catalogue.ts";
import { createFlightRecorder } from "../recorder/flight-recorder.ts";
import { recordingName } from "../recording/names.ts";
import { openRecording } from "../recording/reader.ts";
import { createRecording } from "../recorder/writer.ts";
import { BatchWork } from "./batch-work.ts";
import { NoticeBoard } from "./notices.ts";
import { Recorder } from "./recorder.ts";
import type { Finding } from "../findings/finding.ts";
import type { NewRecordingHeader } from "../recording/entry.ts";
import type { FlightRecorder } from "../recorder/flight-recorder.ts";
import type { RecordingWriter } from "../recorder/writer.ts";
import type { OtlpFeed } from "./otlp-feed.ts";
import type {
  FromWorker,
  PlainError,
  RecorderPlan,
  Resumption,
  ToWorker,
} from "./worker-message.ts";

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
  /** Sends the last spans, for a few seconds at most; false when something is still under way. */
  readonly endFeed: () => Promise<boolean>;
  /** The number of the last entry. */
  readonly lastEntry: () => number;
}

function createRecorder(writer: Sink, plan: RecorderPlan, feed: OtlpFeed | null): Recording {
  let frames = 0;
  let findings = 0;
  let lastEntry = 0;
  const board = new NoticeBoard({
    onNotice: (notice) => {
      reply({ type: "notice", notice });
      feed?.notice(notice);
    },
    onFinding: (finding) => {
      findings += 1;
      reply({ type: "finding", finding });
      if ("save" in writer) save(writer, finding, plan.flight?.saveOn ?? []);
    },
    onLooked: (connection, all) => feed?.found(connection, all),
  });
  const look = (): void => {
    board.look();
    feed?.looked();
    const { sizeBytes, missedEntries } = writer;
    reply({ type: "status", status: { frames, findings, sizeBytes, missedEntries } });
  };
  setInterval(look, LOOK_EVERY_MS).unref();
  const recorder = new Recorder({
    append: (entry, reading) => writer.append(entry, reading),
    onEntry: (entry, reading) => {
      lastEntry = entry.entry;
      if (entry.kind === "message") frames += 1;
      feed?.add(entry, reading);
      board.add(entry, reading);
    },
    bytes: "own",
    httpBodies: plan.httpBodies,
  });
  return { recorder, look, lastEntry: () => lastEntry, endFeed: () => closeFeed(feed, board) };
}

async function closeFeed(feed: OtlpFeed | null, board: NoticeBoard): Promise<boolean> {
  if (feed === null) return true;
  const tally = await feed.close(board.open());
  reply({ type: "otlp", news: { kind: "over", tally } });
  return tally.isWhole;
}

async function finish(writer: Sink, { recorder, look, endFeed }: Recording): Promise<void> {
  await recorder.idle();
  look();
  reply({ type: "finished", recording: await writer.close() });
  const isWhole = await endFeed();
  parentPort?.close();
  // A receiver that does not answer would keep the thread.
  if (!isWhole) process.exit();
}

function serve(writer: Sink, plan: RecorderPlan, feed: OtlpFeed | null): void {
  const recording = createRecorder(writer, plan, feed);
  const work = new BatchWork(writer, recording.recorder, ({ bytes }) =>
    reply({ type: "taken", memory: bytes.buffer, lastEntry: recording.lastEntry() }, [
      bytes.buffer,
    ]),
  );
  parentPort?.on("message", (message: ToWorker) => {
    if (message.type === "batch") work.add(message.batch);
    else if (message.type === "finish") {
      // There is nothing to wait for any more: what the disk does not take now is missed.
      writer.stopWaiting();
      void work.idle().then(() => finish(writer, recording));
    }
  });
}

async function createFeed(
  path: string,
  header: NewRecordingHeader,
  { otlp }: RecorderPlan,
): Promise<OtlpFeed | null> {
  if (otlp === null) return null;
  const { createOtlpFeed } = await import("./otlp-feed.ts");
  const onTrouble = (reason: string): void =>
    reply({ type: "otlp", news: { kind: "trouble", reason } });
  return createOtlpFeed(otlp, { name: recordingName(path), header }, onTrouble);
}

/** Tells what went down with the thread before: what never reached it, and what it had not written. */
async function tellLost(
  writer: Sink,
  { path, lastEntry, gap, at }: Resumption,
  isFlight: boolean,
): Promise<void> {
  // Of a flight recorder's files it is not known here which was the last.
  const written = isFlight ? lastEntry : await lastEntryIn(path);
  const missingEntries = gap.missingEntries + Math.max(lastEntry - written, 0);
  writer.append({ ...at, ...gap, missingEntries, kind: "gap", connection: 0 });
}

async function lastEntryIn(path: string): Promise<number> {
  try {
    await using reader = await openRecording(path);
    return reader.lastEntry;
  } catch {
    return 0;
  }
}

async function begin({ path, header, plan, resumption }: Begin): Promise<void> {
  try {
    const feed = await createFeed(path, header, plan);
    const onBlind = (error: GwTraceError): void => reply({ type: "blind", error: plain(error) });
    const writer =
      plan.flight === null
        ? await createRecording(path, header, { onBlind, hasToHurry: true })
        : await createFlightRecorder(path, header, plan.flight, { onBlind });
    if (resumption !== null) await tellLost(writer, resumption, plan.flight !== null);
    serve(writer, plan, feed);
    reply({ type: "begun" });
  } catch (error) {
    reply({ type: "failed", error: plain(error) });
    parentPort?.close();
  }
}

parentPort?.once("message", (message: ToWorker) => {
  if (message.type === "begin") void begin(message);
});
