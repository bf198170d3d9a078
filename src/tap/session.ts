import { createClock, type Clock } from "./clock.ts";
import { HostRewriter } from "./host-rewriter.ts";
import { probeGateway, type Probe } from "./probe.ts";
import { startTap, type Tap } from "./tap.ts";
import { assertTrusted, judgeStandpoint } from "./trust.ts";
import { WorkerRecorder, type WorkerRecorderOptions } from "./worker-recorder.ts";
import type { SecureContext } from "node:tls";
import type { LocalityChange } from "../gateway/address.ts";
import type { RedactionPolicy } from "../recording/entry.ts";
import type { ClosedRecording } from "../recorder/writer.ts";
import type { HostPort } from "../wire/address.ts";
import type { Upstream } from "./upstream.ts";

/** What is recorded, where from and where to, and who hears of it. */
export interface SessionOptions extends WorkerRecorderOptions {
  readonly listen: HostPort;
  /** The certificate and key with which clients are received; null for plain TCP. */
  readonly listenTls?: SecureContext | null;
  readonly upstream: Upstream;
  /** The value of the Host header that the Gateway gets; null for the client's own. */
  readonly rewriteHost?: string | null;
  readonly source: string | null;
  /** The file to create. */
  readonly path: string;
  readonly redaction: RedactionPolicy;
  /** The recordings that are played behind the tap, when a replayed Gateway stands there. */
  readonly replayOf?: readonly string[];
  /** The peer that this Gateway is to be taken to see. */
  readonly assumedPeer?: string | null;
}

/** What was found out when a session began. */
export interface SessionStart {
  /** What a first call to the Gateway found. */
  readonly probe: Probe;
  /** How the tap's place changes what the Gateway takes its clients for. */
  readonly localityChange: LocalityChange | null;
}

/** A tap that records to a file, from start to end. */
export class RecordSession implements AsyncDisposable {
  readonly tap: Tap;
  readonly start: SessionStart;
  readonly #recorder: WorkerRecorder;
  readonly #clock: Clock;
  #finished: Promise<ClosedRecording> | null = null;

  constructor(tap: Tap, start: SessionStart, recorder: WorkerRecorder, clock: Clock) {
    this.tap = tap;
    this.start = start;
    this.#recorder = recorder;
    this.#clock = clock;
  }

  /** Ends what is open and closes the recording whole; when the recorder died, says what is there. A second call gives the same answer. */
  async close(): Promise<ClosedRecording> {
    await this.tap.close();
    return this.stopRecording();
  }

  /** Closes the recording whole, as it is; what crosses from now on is passed on and not recorded. */
  stopRecording(): Promise<ClosedRecording> {
    this.tap.stopObserving();
    this.#finished ??= this.#recorder.finish(this.#clock.now());
    return this.#finished;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/**
 * Starts to listen and to record. Clients that come before the file is there are recorded as well.
 * @throws {GwTraceError} PORT_IN_USE, ADDRESS_INVALID, RECORDING_EXISTS, WRITE_FAILED, GATEWAY_UNREACHABLE
 */
export async function startRecordSession(options: SessionOptions): Promise<RecordSession> {
  const { listen, upstream, source, path, rewriteHost } = options;
  const clock = createClock();
  const recorder = new WorkerRecorder(options);
  let tap: Tap | null = null;
  try {
    tap = await startTap({
      listen,
      listenTls: options.listenTls ?? null,
      upstream: { ...upstream, source },
      createRewriter: rewriteHost == null ? null : () => new HostRewriter(rewriteHost),
      observer: recorder,
      clock,
    });
    const probe = await probeGateway({ ...upstream, source });
    assertTrusted(upstream, probe);
    const standpoint = { listenHost: listen.host, upstreamHost: upstream.host, source };
    const localityChange = judgeStandpoint(standpoint, probe);
    await recorder.begin(path, {
      source: "tap",
      startedAt: clock.startedAt,
      upstream: upstream.url,
      listen: tap.address,
      redaction: options.redaction,
      replayOf: options.replayOf ?? [],
      assumedPeer: options.assumedPeer ?? null,
      localityChange,
    });
    return new RecordSession(tap, { probe, localityChange }, recorder, clock);
  } catch (error) {
    await tap?.close();
    await recorder.abandon();
    throw error;
  }
}
