import { GwTraceError } from "../errors.ts";
import { matcherOf } from "./reading/frame-filter.ts";
import type { Effect, Message } from "./message.ts";
import type { RecordingFeed } from "./reading/recording-feed.ts";
import type { State } from "./state.ts";
import { Task, type TaskState } from "./task.ts";
import { writeCopy, writeFrames, writeReport } from "./write-files.ts";

/** What deeds need of the screen. */
export interface DeedTools {
  readonly tell: (message: Message) => void;
  /** False when the text is too long for a clipboard. */
  readonly copy: (text: string) => boolean;
  readonly state: () => State;
}

/** Effects that read the recording, write files or start something. */
type Deed = Exclude<Effect, { readonly type: "scan" | "redraw" | "suspend" | "quit" }>;

/** Carries out what takes time, and tells the screen what came of it. */
export class Deeds {
  private readonly feed: RecordingFeed;
  private readonly tools: DeedTools;
  private readonly matching = new Set<number>();
  private task: Task | null = null;
  private isClosed = false;

  constructor(feed: RecordingFeed, tools: DeedTools) {
    this.feed = feed;
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
  close(): void {
    this.isClosed = true;
    this.task?.stop();
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
      const matches = matcherOf(this.tools.state(), filter);
      const picked = entries.filter((entry) => matches(entry.entry, entry));
      // Blocks may be kept in memory: without this, no key would get a turn.
      await new Promise(setImmediate);
      this.matching.delete(scan);
      const numbers = picked.map(({ entry }) => entry);
      this.tell({ type: "matched", scan, through: last, entries: numbers });
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
    if (this.task !== null) {
      this.tell({ type: "notice", text: "wait for what is under way, or stop it with Esc" });
      return;
    }
    const { reader } = this.feed;
    const tellTask = (task: TaskState | null): void => this.tell({ type: "task", task });
    this.task = new Task("writing", reader.entryCount, tellTask);
    try {
      const wanted = { trace: this.tools.state().recording.trace, list, name: path };
      const written = await writeFrames(reader, wanted, this.task);
      const besides = !written?.others ? "" : ` and ${written.others} that belong to them`;
      const text =
        written === null
          ? "stopped writing"
          : `wrote ${written.frames} frames${besides} to ${written.path}`;
      this.tell({ type: "notice", text });
    } finally {
      this.task = null;
      tellTask(null);
    }
  }

  private async report(path: string): Promise<void> {
    await writeReport(this.feed.reader, this.tools.state().recording, path);
    this.tell({ type: "notice", text: `wrote the report to ${path}` });
  }

  private tell(message: Message): void {
    if (!this.isClosed) this.tools.tell(message);
  }
}
