import { diagnose } from "../../findings/diagnose.ts";
import type { Finding } from "../../findings/finding.ts";
import type { Entry } from "../../recording/entry.ts";
import type { Profile } from "../../gateway/profile.ts";
import { HoleFinder } from "../../recording/holes.ts";
import { readOutlinedFrame } from "../../recording/outlines.ts";
import type { RecordingReader } from "../../recording/reader.ts";
import { TraceBuilder } from "../../trace/build.ts";
import type { Trace } from "../../trace/model.ts";
import { FrameIndex } from "./frame-index.ts";
import type { RecordingState } from "../state.ts";

// Of a connection with more calls the trace keeps examples, failures and the newest; the list of frames keeps all.
const MAX_RPCS = 5000;

// Keys get a turn when so much time has gone into reading, looked at every so many entries; a screen is told at most so often.
const TURN_MS = 2;
const LOOK_EVERY_ENTRIES = 16;
const TELL_EVERY_MS = 100;
const LOOK_EVERY_MS = 100;

// While entries come, so much of the time may go into asking what is wrong with them.
const DIAGNOSE_SHARE = 0.02;

/** Reads a recording into lines, a trace and findings, and goes on while the file grows. */
export class RecordingFeed {
  readonly index = new FrameIndex();
  readonly reader: RecordingReader;
  private readonly builder: TraceBuilder;
  private readonly holes = new HoleFinder();
  private isClosed = false;
  private wake = (): void => {};
  private growing = false;
  private diagnoseAtMs = 0;
  private isDiagnosed = false;
  private state: RecordingState;

  constructor(reader: RecordingReader, profiles: readonly Profile[] = []) {
    this.reader = reader;
    this.builder = new TraceBuilder(reader.header, { maxRpcs: MAX_RPCS, profiles });
    this.state = this.describe(false);
  }

  /** What is known now. */
  get recording(): RecordingState {
    return this.state;
  }

  /** Reads all there is, then looks for more until the recording is complete or the feed is closed. Calls `tell` as knowledge grows. */
  async run(tell: (recording: RecordingState) => void): Promise<void> {
    await this.readAll(tell);
    while (!this.isClosed && !this.reader.complete) {
      await this.pause(LOOK_EVERY_MS);
      const wasComplete = this.reader.complete;
      const came = await this.reader.refresh();
      if (came > 0) {
        this.growing = true;
        await this.readOn();
      }
      const hasNews = came > 0 || wasComplete !== this.reader.complete;
      const isDue = this.reader.complete || performance.now() >= this.diagnoseAtMs;
      if (hasNews || (isDue && !this.isDiagnosed)) this.tell(tell, isDue);
    }
  }

  /** One entry with its body; null when it was lost. */
  async load(entry: number): Promise<Entry | null> {
    const [found] = await this.reader.read(entry, 1);
    return found ?? null;
  }

  /** The entries from `first` to `last`, as far as they are there. */
  async loadBetween(first: number, last: number): Promise<readonly Entry[]> {
    return this.reader.read(first, last - first + 1);
  }

  /** Ends `run`. */
  close(): void {
    this.isClosed = true;
    this.wake();
  }

  private async readAll(tell: (recording: RecordingState) => void): Promise<void> {
    // The first rows are told of at once: somebody waits for them.
    let toldMs = -Infinity;
    let turnMs = performance.now();
    let batch = 0;
    for await (const block of this.reader.blocks({ deferTexts: true })) {
      for (const entry of block) {
        if (this.isClosed) return;
        this.take(entry);
        batch++;
        if (batch % LOOK_EVERY_ENTRIES !== 0 || performance.now() - turnMs < TURN_MS) continue;
        await new Promise(setImmediate);
        turnMs = performance.now();
        // With the last entry there is more to tell: what is wrong with them all.
        if (this.index.count >= this.reader.entryCount) continue;
        if (performance.now() - toldMs < TELL_EVERY_MS) continue;
        this.tell(tell, false);
        toldMs = performance.now();
      }
    }
    this.tell(tell, true);
  }

  private async readOn(): Promise<void> {
    const rest = await this.reader.read(this.index.count + 1, Number.MAX_SAFE_INTEGER);
    for (const entry of rest) this.take(entry);
  }

  private take(entry: Entry): void {
    // Read once, for the line and for the trace.
    const isText = entry.kind === "message" && entry.message.type === "text";
    const parsed = isText ? readOutlinedFrame(entry.message, entry.outline) : undefined;
    this.index.add(entry, parsed);
    const hole = this.holes.before(entry);
    if (hole !== null) this.builder.add(hole);
    this.builder.add(entry, parsed);
  }

  private tell(tell: (recording: RecordingState) => void, withFindings: boolean): void {
    this.state = this.describe(withFindings);
    if (!this.isClosed) tell(this.state);
  }

  private describe(withFindings: boolean): RecordingState {
    const { name, header, complete, missing, entryCount } = this.reader;
    const trace = this.builder.trace({ name, header, complete, missing, entryCount });
    const findings = withFindings ? this.diagnose(trace) : (this.state?.findings ?? []);
    this.isDiagnosed = withFindings;
    return {
      name,
      header,
      complete,
      missing,
      growing: this.growing && !complete,
      entryCount,
      readCount: this.index.count,
      dropped: this.index.dropped,
      problems: this.index.problems,
      trace,
      findings,
    };
  }

  private diagnose(trace: Trace): readonly Finding[] {
    const fromMs = performance.now();
    const findings = diagnose([trace]);
    const endMs = performance.now();
    this.diagnoseAtMs = endMs + (endMs - fromMs) / DIAGNOSE_SHARE;
    return findings;
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
