import blessed from "blessed";
import { createRequire } from "node:module";
import type { Canvas, PaintedCell } from "./paint/canvas.ts";
import { InputShim, type KeyInput } from "./input-shim.ts";
import type { Message } from "./message.ts";
import { ownField } from "../gateway/json-object.ts";

/** Where the screen is painted. */
export type ScreenOutput = NodeJS.WritableStream & { columns?: number; rows?: number };

/** The terminal to use. */
export interface ScreenStreams {
  readonly input: KeyInput;
  readonly output: ScreenOutput;
}

// Cells are set between these, so that a terminal that knows them (DEC private mode 2026) never shows half a screen.
const BEGIN_FLUSH = "\x1b[?2026h";
const END_FLUSH = "\x1b[?2026l";
const PASTE_MARKS_ON = "\x1b[?2004h";
const PASTE_MARKS_OFF = "\x1b[?2004l";

// Press, release and wheel in decimal coordinates; blessed's own choice reports every motion and breaks past column 223.
const MOUSE = { vt200Mouse: true, sgrMouse: true };

// xterm's limit for one OSC 52, the smallest among the terminals that take it.
const MAX_CLIPBOARD = 74_994;

interface BlessedKey {
  readonly full: string;
  readonly ctrl?: boolean;
  readonly meta?: boolean;
}

interface BlessedMouse {
  readonly action: string;
  readonly x: number;
  readonly y: number;
}

/** The terminal as a place to put cells and to hear keys from: the only module that knows blessed. */
export class TerminalScreen {
  private readonly screen: blessed.Widgets.Screen;
  private readonly shim: InputShim;
  private readonly complexRows = new Set<number>();
  private mouse = false;

  constructor({ input, output }: ScreenStreams, hear: (message: Message) => void) {
    this.shim = new InputShim(input, {
      onPaste: (text) => hear({ type: "paste", text }),
      onText: (text) => hear({ type: "key", key: text, text }),
      onEnd: () => hear({ type: "hangup" }),
    });
    this.screen = createScreen(this.shim, output);
    const { program } = this.screen;
    // oxlint-disable-next-line no-underscore-dangle -- blessed's own name, pinned by a test
    program._owrite = (text) => output.write(BEGIN_FLUSH + text + END_FLUSH);
    program.on("keypress", (character: string | undefined, key: BlessedKey) => {
      const message = readKey(character, key);
      if (message !== null) hear(message);
    });
    program.on("mouse", (event: BlessedMouse) => {
      const action = ownField(MOUSE_ACTIONS, event.action);
      if (action !== undefined) hear({ type: "mouse", action, x: event.x, y: event.y });
    });
    program.on("resize", () => hear({ type: "resize", ...this.size }));
    program.write(PASTE_MARKS_ON);
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.screen.program.cols, rows: this.screen.program.rows };
  }

  /** Shows the cells; only what differs from the screen is written. */
  paint(canvas: Canvas): void {
    const rows = Math.min(canvas.rows, this.screen.lines.length);
    for (let y = 0; y < rows; y++) this.paintRow(y, canvas.cells[y] ?? []);
    this.screen.draw(0, this.screen.lines.length - 1);
  }

  /** Forgets what the terminal shows, so that the next paint writes everything. */
  forget(): void {
    this.screen.realloc();
    this.complexRows.clear();
  }

  /** Turns the mouse on or off; while it is on, the terminal selects text with Shift only. */
  setMouse(on: boolean): void {
    if (on === this.mouse) return;
    this.mouse = on;
    const { program } = this.screen;
    if (on) program.setMouse(MOUSE, true);
    else program.disableMouse();
  }

  /** Puts a text on the clipboard (OSC 52), also over SSH; false when it is too long for terminals to take. */
  copy(text: string): boolean {
    const encoded = Buffer.from(text).toString("base64");
    if (encoded.length > MAX_CLIPBOARD) return false;
    this.screen.program.write(`\x1b]52;c;${encoded}\x07`);
    return true;
  }

  /** Gives the terminal back for a while; `resume` takes it again. */
  pause(): void {
    const { program } = this.screen;
    program.write(PASTE_MARKS_OFF);
    if (this.mouse) program.disableMouse();
    this.screen.leave();
    program.flush();
    this.shim.setRawMode(false);
  }

  /** Takes the terminal again after `pause`. */
  resume(): void {
    const { program } = this.screen;
    this.shim.setRawMode(true);
    this.screen.enter();
    program.write(PASTE_MARKS_ON);
    if (this.mouse) program.setMouse(MOUSE, true);
    this.forget();
  }

  /** Restores the terminal for good. May be called twice. */
  destroy(): void {
    if (this.screen.destroyed) return;
    this.pause();
    this.shim.detach();
    this.screen.destroy();
  }

  private paintRow(y: number, cells: readonly PaintedCell[]): void {
    const row = this.screen.lines[y];
    const shown = this.screen.olines[y];
    if (row === undefined || shown === undefined) return;
    let isComplex = false;
    for (let x = 0; x < row.length; x++) {
      const cell = row[x];
      const text = outputOf(cells, x, y);
      const attributes = cells[x]?.attributes ?? 0;
      if (text.length > 1) isComplex = true;
      if (cell === undefined || (cell[0] === attributes && cell[1] === text)) continue;
      cell[0] = attributes;
      cell[1] = text;
      row.dirty = true;
    }
    // Terminals disagree about the width of such clusters: a row that changes is written whole.
    if (row.dirty && (isComplex || this.complexRows.has(y)))
      for (const cell of shown) cell[1] = "\0";
    if (isComplex) this.complexRows.add(y);
    else this.complexRows.delete(y);
  }
}

function createScreen(input: InputShim, output: ScreenOutput): blessed.Widgets.Screen {
  // The system's terminfo is not read: blessed misreads today's entries and falls back to 8 colours. All terminals of today know these.
  const terminfo = createRequire(import.meta.url).resolve("blessed/usr/xterm-256color");
  // oxlint-disable-next-line no-underscore-dangle -- blessed's own name, pinned by a test
  blessed.Tput.prototype._prefix = () => terminfo;
  const before = SIGNALS.map((signal) => process.listeners(signal));
  // @types/blessed takes input for output.
  const streams: object = { input, output };
  const screen = blessed.screen({
    ...streams,
    terminal: "xterm-256color",
    forceUnicode: true,
    fullUnicode: false,
  });
  screen.tput.brokenACS = true;
  // blessed ends the program with code 0 on signals; the terminal guard does it right.
  for (const [index, signal] of SIGNALS.entries())
    for (const listener of process.listeners(signal))
      if (before[index]?.includes(listener) !== true) process.off(signal, listener);
  return screen;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGQUIT"] as const;

const MOUSE_ACTIONS: Readonly<Record<string, "press" | "wheel-up" | "wheel-down">> = {
  mousedown: "press",
  wheelup: "wheel-up",
  wheeldown: "wheel-down",
};

function readKey(character: string | undefined, { full, ctrl, meta }: BlessedKey): Message | null {
  // blessed says Enter twice, as `return` and as `enter`.
  if (full === "enter") return null;
  const isTyped =
    character !== undefined &&
    character >= " " &&
    character !== "\x7f" &&
    ctrl !== true &&
    meta !== true;
  if (isTyped && Array.from(character).length === 1)
    return { type: "key", key: character, text: character };
  return { type: "key", key: full, text: null };
}

// What goes to the terminal for one cell. After a cluster that terminals measure differently the cursor is put where it belongs.
function outputOf(cells: readonly PaintedCell[], x: number, y: number): string {
  const text = cells[x]?.text ?? " ";
  if (text.length === 1 && isSimple(text)) return text;
  if (text === "") return "\x1b[C";
  const isWide = cells[x + 1]?.text === "";
  const to = (column: number): string => `\x1b[${y + 1};${column + 1}H`;
  return `${isWide ? "  " : " "}${to(x)}${text}${to(x + 1)}`;
}

// Latin and the lines of frames: one column everywhere.
function isSimple(character: string): boolean {
  return character < "\u0300" || (character >= "\u2500" && character <= "\u257f");
}
