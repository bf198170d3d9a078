import type { Effect, Message } from "./message.ts";
import type { RecordingFeed } from "./reading/recording-feed.ts";
import { TerminalScreen, type ScreenStreams } from "./screen.ts";
import { createState, type State, type ViewOptions } from "./state.ts";
import { Deeds } from "./deeds.ts";
import { TerminalGuard } from "./terminal-guard.ts";
import { update } from "./update.ts";
import { paintScreen } from "./view.ts";

/** How the screen is to look; the size comes from the terminal. */
export type AppOptions = Omit<ViewOptions, "columns" | "rows">;

const DATA: ReadonlySet<Message["type"]> = new Set(["recording", "scan", "matched", "task"]);

// Live data may come a thousand times a second; eyes take thirty.
const PAINT_EVERY_MS = 33;

/** The running terminal UI: keeps the one state, paints it, and carries out what `update` asks for. */
export class App {
  /** Resolves when the user leaves. */
  readonly done: Promise<void>;
  private readonly feed: RecordingFeed;
  private readonly screen: TerminalScreen;
  private readonly guard: TerminalGuard;
  private readonly deeds: Deeds;
  private state: State;
  private paintSoon: NodeJS.Immediate | undefined;
  private paintLater: NodeJS.Timeout | undefined;
  private scanDue = false;
  private paintedMs = 0;
  private finish: () => void = () => {};

  constructor(feed: RecordingFeed, streams: ScreenStreams, options: AppOptions) {
    this.feed = feed;
    this.screen = new TerminalScreen(streams, (message) => this.tell(message));
    this.guard = new TerminalGuard({
      pause: () => this.screen.pause(),
      resume: () => this.resume(),
      destroy: () => this.screen.destroy(),
    });
    this.deeds = new Deeds(feed, {
      tell: (message) => this.tell(message),
      copy: (text) => this.screen.copy(text),
      state: () => this.state,
    });
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
    this.state = createState(feed.recording, feed.index, { ...options, ...this.screen.size });
    this.screen.setMouse(options.mouse);
    this.schedulePaint(0);
  }

  /** Reads the recording and shows it until the user leaves; restores the terminal then. */
  async run(): Promise<void> {
    const reading = this.feed.run((recording) => this.tell({ type: "recording", recording }));
    try {
      await Promise.race([this.done, reading.then(() => this.done)]);
    } finally {
      this.feed.close();
      this.deeds.close();
      this.cancelPaint();
      this.guard.release();
    }
    await reading;
  }

  /** Takes in what happened: a key, more of the recording, or a recording session's troubles. */
  tell(message: Message): void {
    const { effects, ...state } = update(this.state, message);
    this.state = { ...state, effects: [] };
    this.screen.setMouse(state.mouse);
    for (const effect of effects) this.carryOut(effect);
    // A key is answered at once, data may wait for the next turn of the eye.
    const isData = DATA.has(message.type);
    this.schedulePaint(isData ? PAINT_EVERY_MS - (performance.now() - this.paintedMs) : 0);
  }

  private carryOut(effect: Effect): void {
    switch (effect.type) {
      case "scan":
        this.scheduleScan();
        return;
      case "redraw":
        this.screen.forget();
        return;
      case "suspend":
        this.guard.suspend();
        return;
      case "quit":
        this.finish();
        return;
      default:
        this.deeds.carryOut(effect);
    }
  }

  private resume(): void {
    this.screen.resume();
    const { columns, rows } = this.screen.size;
    this.tell({ type: "resize", columns, rows });
  }

  private scheduleScan(): void {
    if (this.scanDue) return;
    this.scanDue = true;
    setImmediate(() => {
      this.scanDue = false;
      this.tell({ type: "scan" });
    });
  }

  private schedulePaint(inMs: number): void {
    if (this.paintSoon !== undefined) return;
    if (inMs > 0) {
      this.paintLater ??= setTimeout(() => this.paint(), inMs);
      return;
    }
    this.paintSoon = setImmediate(() => this.paint());
  }

  private paint(): void {
    this.cancelPaint();
    this.paintedMs = performance.now();
    this.screen.paint(paintScreen(this.state));
  }

  private cancelPaint(): void {
    clearImmediate(this.paintSoon);
    clearTimeout(this.paintLater);
    this.paintSoon = undefined;
    this.paintLater = undefined;
  }
}
