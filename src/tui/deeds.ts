import { GwTraceError } from "../errors.ts";
import { pickEntries } from "./reading/frame-filter.ts";
import type { Effect, Message } from "./message.ts";
import type { RecordingFeed } from "./reading/recording-feed.ts";
import { RowSubjects } from "./reading/row-subjects.ts";
import type { State } from "./state.ts";
import { Task } from "./task.ts";
import { writeCopy, writeFrames, writeReport } from "./write-files.ts";

/** A Gateway that is played from a recording. */
export interface RunningReplay extends AsyncDisposable {
  /** Where clients find it. */
  readonly url: string;
  /** What has come of it so far, as text. */
  verdict(): string;
  /** Resolves when all that was recorded has been played, or the command has ended. */
  readonly finished: Promise<void>;
}

/** Plays the Gateway of a recording that is open, with a client command when one is given; null when the task was stopped. */
export type StartReplay = (command: string, task: Task) => Promise<RunningReplay | null>;

/** What deeds need of the screen. */
export interface DeedTools {
  readonly tell: (message: Message) => void;
  /** False when the text is too long for a clipboard. */
  readonly copy: (text: string) => boolean;
  readonly state: () => State;
}

/** Effects that read the recording, write files or start something. */
type Deed = Exclude<Effect, { readonly type: "scan" | "redraw" | "suspend" | "quit" }>;

const VERDICT_EVERY_MS = 250;

/** Carries out what takes time, and tells the screen what came of it. */
export class Deeds {
  private readonly feed: RecordingFeed;
  private readonly startReplay: StartReplay | null;
  private readonly tools: DeedTools;
  private readonly matching = new Set<number>();
  private task: Task | null = null;
  private replay: RunningReplay | null = null;
  private replayTimer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(feed: RecordingFeed, startReplay: StartReplay | null, tools: DeedTools) {
    this.feed = feed;
    this.startReplay = startReplay;
    this.tools = tools;
  }

  /** Begins one deed. Never throws: what goes wrong is said on the screen. */
  carryOut(deed: Deed): void {
    this.run(deed).catch((error: unknown) => {
      // What gw-trace cannot do is for the user to read; anything else is a fault of ours.
      if (!(error instanceof GwTraceError)) throw error;
      this.tell({ type: "notice", text: `${error.message}. ${error.hint}` });
    });
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.task?.stop();
    clearInterval(this.replayTimer);
    await this.replay?.[Symbol.asyncDispose]();
  }

  private async run(deed: Deed): Promise<void> {
    switch (deed.type) {
      case "load":
        return this.load(deed.entry);
      case "match":
        return this.match(deed);
      case "diff":
        return this.diff(deed.a, deed.b);
      case "copy":
        return this.copy(deed);
      case "write":
        return this.write(deed);
      case "report":
        return this.report(deed.path);
      case "replay":
        return this.play(deed.command);
      case "stop-replay":
        return this.stopReplay();
      case "stop-task":
        this.task?.stop();
    }
  }

  private async load(entry: number): Promise<void> {
    const found = await this.feed.load(entry);
    // Meanwhile the selection may have moved on; what is no longer wanted is not unfolded.
    if (found !== null && this.tools.state().frames.selected === entry)
      this.tell({ type: "entry", entry: found });
  }

  // Each step of the state asks anew; what is under way is not begun twice.
  private async match({
    scan,
    first,
    last,
    filter,
  }: Extract<Deed, { type: "match" }>): Promise<void> {
    if (this.matching.has(scan)) return;
    this.matching.add(scan);
    try {
      const entries = await this.feed.loadBetween(first, last);
      const state = this.tools.state();
      const picked = pickEntries(state, filter, new RowSubjects(state.recording), entries);
      // Blocks may be kept in memory: without this, no key would get a turn.
      await new Promise(setImmediate);
      this.matching.delete(scan);
      this.tell({ type: "matched", scan, through: last, entries: picked });
    } finally {
      this.matching.delete(scan);
    }
  }

  private async diff(first: number, second: number): Promise<void> {
    const [a, b] = await Promise.all([this.feed.load(first), this.feed.load(second)]);
    if (a !== null && b !== null) this.tell({ type: "diff", a, b });
    else this.tell({ type: "notice", text: `#${a === null ? first : second} is lost` });
  }

  private async copy({ text, what, toFile }: Extract<Deed, { type: "copy" }>): Promise<void> {
    const size = `${text.length} characters`;
    const isCopied = !toFile && this.tools.copy(text);
    if (isCopied) {
      const other = "no OSC 52 in your terminal? Y writes a file";
      this.tell({ type: "notice", text: `copied the ${what}, ${size}; ${other}` });
      return;
    }
    const path = await writeCopy(text);
    const why = toFile ? "" : "too long for a clipboard, ";
    this.tell({ type: "notice", text: `the ${what}, ${size}: ${why}it is in ${path}` });
  }

  private async write({ path, list }: Extract<Deed, { type: "write" }>): Promise<void> {
    const { recording, source } = this.tools.state();
    const wanted = {
      trace: recording.trace,
      list,
      connectionOf: (entry: number) => source.connectionOf(entry),
      name: path,
    };
    const written = await this.follow("writing", (task) =>
      writeFrames(this.feed.reader, wanted, task),
    );
    if (written === null) return;
    const besides =
      written.handshakes === 0 ? "" : ` and ${written.handshakes} entries of their handshakes`;
    this.tell({
      type: "notice",
      text: `wrote ${written.frames} frames${besides} to ${written.path}`,
    });
  }

  private async report(path: string): Promise<void> {
    await writeReport(this.feed.reader, this.tools.state().recording, path);
    this.tell({ type: "notice", text: `wrote the report to ${path}` });
  }

  private async play(command: string): Promise<void> {
    if (this.startReplay === null || this.replay !== null) {
      const why =
        this.replay === null
          ? "this recording cannot be played from here"
          : "a replay runs already";
      this.tell({ type: "notice", text: why });
      return;
    }
    const { startReplay } = this;
    const replay = await this.follow("reading for the replay", (task) =>
      startReplay(command, task),
    );
    if (replay === null) return;
    this.replay = replay;
    if (this.isClosed) return replay[Symbol.asyncDispose]();
    this.tellReplay(replay);
    this.replayTimer = setInterval(() => this.tellReplay(replay), VERDICT_EVERY_MS);
    void replay.finished.then(() => this.stopReplay());
  }

  private tellReplay(replay: RunningReplay): void {
    const text = `playing the Gateway on ${replay.url}\npoint a client there; Esc ends it\n\n${replay.verdict()}`;
    this.tell({ type: "text", title: "Replay: running", text, replay: "running" });
  }

  private async stopReplay(): Promise<void> {
    const { replay } = this;
    if (replay === null) return;
    this.replay = null;
    clearInterval(this.replayTimer);
    await replay[Symbol.asyncDispose]();
    this.tell({ type: "text", title: "Replay: verdict", text: replay.verdict(), replay: "done" });
  }

  // One at a time; null when it was stopped, or another one is under way.
  private async follow<T>(
    what: string,
    work: (task: Task) => Promise<T | null>,
  ): Promise<T | null> {
    if (this.task !== null) {
      this.tell({ type: "notice", text: "wait for what is under way, or stop it with Esc" });
      return null;
    }
    const task = new Task(what, this.feed.reader.entryCount, (state) =>
      this.tell({ type: "task", task: state }),
    );
    this.task = task;
    try {
      const result = await work(task);
      if (result === null) this.tell({ type: "notice", text: `stopped ${what}` });
      return result;
    } finally {
      this.task = null;
      this.tell({ type: "task", task: null });
    }
  }

  private tell(message: Message): void {
    if (!this.isClosed) this.tools.tell(message);
  }
}
