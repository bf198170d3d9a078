import { createClock } from "./clock.ts";
import { startTap } from "./tap.ts";
import { WorkerRecorder } from "./worker-recorder.ts";
import type { GwTraceError } from "../errors.ts";
import type { RedactionPolicy } from "../recording/entry.ts";
import type { ClosedRecording } from "../recording/writer.ts";
import type { HostPort } from "../wire/address.ts";
import type { Clock } from "./clock.ts";
import type { Notice } from "./notices.ts";
import type { Tap } from "./tap.ts";
import type { Upstream } from "./upstream.ts";

/** What is recorded, where from and where to, and who hears of it. */
export interface SessionOptions {
  readonly listen: HostPort;
  readonly upstream: Upstream;
  readonly source: string | null;
  /** The file to create. */
  readonly path: string;
  readonly redaction: RedactionPolicy;
  /** The recordings that are played behind the tap, when a replayed Gateway stands there. */
  readonly replayOf?: readonly string[];
  /** The peer that this Gateway is to be taken to see. */
  readonly assumedPeer?: string | null;
  readonly onNotice: (notice: Notice) => void;
  /** Called once, when for the first time something cannot be recorded. Traffic flows on. */
  readonly onBlind: (error: GwTraceError) => void;
}

/** A tap that records to a file, from start to end. */
export class RecordSession implements AsyncDisposable {
  readonly tap: Tap;
  readonly #recorder: WorkerRecorder;
  readonly #clock: Clock;
  #closed: Promise<ClosedRecording | null> | null = null;

  constructor(tap: Tap, recorder: WorkerRecorder, clock: Clock) {
    this.tap = tap;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /** Ends what is open and closes the recording whole; null when the recorder died. A second call gives the same answer. */
  close(): Promise<ClosedRecording | null> {
    this.#closed ??= this.tap.close().then(() => this.#recorder.finish(this.#clock.now()));
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Starts to listen and to record. Clients that come before the file is there are recorded as well.
 * @throws {GwTraceError} PORT_IN_USE, ADDRESS_INVALID, RECORDING_EXISTS, WRITE_FAILED
 */
export async function startRecordSession(options: SessionOptions): Promise<RecordSession> {
  const { listen, upstream, source, path, redaction, onNotice, onBlind } = options;
  const clock = createClock();
  const recorder = new WorkerRecorder({ onNotice, onBlind });
  let tap: Tap | null = null;
  try {
    tap = await startTap({ listen, upstream, source, observer: recorder, clock });
    await recorder.begin(path, {
      source: "tap",
      startedAt: clock.startedAt,
      upstream: upstream.url,
      listen: tap.address,
      redaction,
      replayOf: options.replayOf ?? [],
      assumedPeer: options.assumedPeer ?? null,
    });
    return new RecordSession(tap, recorder, clock);
  } catch (error) {
    await tap?.close();
    await recorder.abandon();
    throw error;
  }
}
