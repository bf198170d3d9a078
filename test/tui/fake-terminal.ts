import { PassThrough, Writable } from "node:stream";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless, { type IBufferCell } from "@xterm/headless";

/** An emulator that obeys every escape sequence, as the output stream of the program under test. */
export class FakeOutput extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** Everything written so far, as text. */
  written = "";
  /** What the emulator would have typed on its own: answers to queries. */
  replies = "";
  titles: string[] = [];
  private readonly terminal: headless.Terminal;

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
    this.terminal = new headless.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 0,
    });
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = "11";
    this.terminal.onTitleChange((title) => this.titles.push(title));
    this.terminal.onData((data) => {
      this.replies += data;
    });
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString();
    this.written += text;
    this.terminal.write(text, done);
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.terminal.resize(columns, rows);
    this.emit("resize");
  }

  /** Waits until all that was painted has been parsed: blessed flushes on the next turn. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => this.terminal.write("", resolve));
  }

  /** The lines on the screen, without blanks at their ends. */
  lines(): readonly string[] {
    const { active } = this.terminal.buffer;
    return Array.from({ length: this.rows }, (_, y) =>
      (active.getLine(active.baseY + y)?.translateToString(false) ?? "").trimEnd(),
    );
  }

  text(): string {
    return this.lines().join("\n");
  }

  cell(x: number, y: number): IBufferCell {
    const { active } = this.terminal.buffer;
    const cell = active.getLine(active.baseY + y)?.getCell(x);
    if (cell === undefined) throw new Error(`no cell at ${x},${y}`);
    return cell;
  }

  get isAlternate(): boolean {
    return this.terminal.buffer.active.type === "alternate";
  }

  get mouseMode(): string {
    return this.terminal.modes.mouseTrackingMode;
  }

  get marksPaste(): boolean {
    return this.terminal.modes.bracketedPasteMode;
  }
}

/** A keyboard. */
export class FakeInput extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }
}

/** Keys that are more than a character. */
export const KEYS = {
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  enter: "\r",
  tab: "\t",
  backTab: "\x1b[Z",
  pageDown: "\x1b[6~",
  backspace: "\x7f",
  ctrlO: "\x0f",
} as const;
