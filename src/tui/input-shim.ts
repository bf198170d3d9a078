import { PassThrough, type Readable } from "node:stream";

/** Where keys come from: a terminal, or a stream that acts as one. */
export type KeyInput = Readable & {
  readonly isRaw?: boolean;
  setRawMode?(raw: boolean): unknown;
};

/** Text that never may run as keys: a paste, or a character that blessed would cut in two. */
export interface ShimListener {
  readonly onPaste: (text: string) => void;
  readonly onText: (character: string) => void;
  /** No key will come any more: the terminal is gone. */
  readonly onEnd: () => void;
}

// A lone Escape and the first byte of a sequence look the same; a slow line splits sequences by less than this.
const ESCAPE_WAIT_MS = 30;

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";

// Answers of a terminal (OSC, DCS, APC, PM, SOS): no key sends these, and what we show must not be able to type.
const STRING_REPLY = /^\x1b[\]PX^_][\s\S]*?(?:\x07|\x1b\\)/;
const CONTROL_SEQUENCE = /^\x1b\[[0-?]*[ -/]*[@-~]/;
// DA, DSR, CPR, DECRPM and window reports; `ESC [ 1 ; 2 R` is Shift-F3.
const CONTROL_REPLY = /^\x1b\[(?!1;[2-8]R$)[0-?]*[ -/]*[cntyxR]$/;
const UNFINISHED = /^\x1b(?:$|\[[0-?]*[ -/]*$|O$|[\]PX^_])/;

/**
 * Stands between the terminal and blessed and hands on one whole key at a time: joins sequences that were split, splits those
 * that came together, turns a paste into one event and drops what the terminal answers.
 */
export class InputShim extends PassThrough {
  readonly isTTY = true;
  private readonly source: KeyInput;
  private readonly listener: ShimListener;
  private readonly decoder = new TextDecoder();
  private waiting = "";
  private isPasting = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly hear = (chunk: Buffer): void =>
    this.feed(this.decoder.decode(chunk, { stream: true }));

  constructor(source: KeyInput, listener: ShimListener) {
    super();
    this.source = source;
    this.listener = listener;
    source.on("data", this.hear);
    source.on("end", listener.onEnd);
    source.on("error", listener.onEnd);
  }

  get isRaw(): boolean {
    return this.source.isRaw ?? false;
  }

  setRawMode(raw: boolean): this {
    this.source.setRawMode?.(raw);
    return this;
  }

  /** Stops reading the terminal, so that nothing keeps the program alive. */
  detach(): void {
    clearTimeout(this.timer);
    this.source.off("data", this.hear);
    this.source.off("end", this.listener.onEnd);
    this.source.pause();
  }

  private feed(text: string): void {
    clearTimeout(this.timer);
    this.waiting += text;
    this.drain(false);
    if (this.waiting !== "") this.timer = setTimeout(() => this.drain(true), ESCAPE_WAIT_MS);
  }

  private drain(late: boolean): void {
    while (this.waiting !== "") {
      const length = this.isPasting ? this.takePaste() : this.takeKey(late);
      if (length === 0) return;
      this.waiting = this.waiting.slice(length);
    }
  }

  private takePaste(): number {
    const end = this.waiting.indexOf(PASTE_END);
    if (end < 0) return 0;
    this.listener.onPaste(this.waiting.slice(0, end));
    this.isPasting = false;
    return end + PASTE_END.length;
  }

  // Hands on the key at the front and returns its length; 0 when the rest of it has yet to come.
  private takeKey(late: boolean): number {
    const text = this.waiting;
    if (!text.startsWith("\x1b")) return this.takeCharacter(text);
    if (text.startsWith(PASTE_START)) {
      this.isPasting = true;
      return PASTE_START.length;
    }
    const reply = STRING_REPLY.exec(text)?.[0];
    if (reply !== undefined) return reply.length;
    const sequence = CONTROL_SEQUENCE.exec(text)?.[0];
    if (sequence !== undefined) {
      if (!CONTROL_REPLY.test(sequence)) this.push(sequence);
      return sequence.length;
    }
    if (/^\x1bO[\s\S]/.test(text)) return this.hand(text.slice(0, 3));
    if (UNFINISHED.test(text)) return late ? this.takeUnfinished(text) : 0;
    const next = String.fromCodePoint(text.codePointAt(1) ?? 0);
    return this.hand(next === "\x1b" ? "\x1b" : `\x1b${next}`);
  }

  // An answer that never ended goes; anything else was the Escape key.
  private takeUnfinished(text: string): number {
    return /^\x1b[\]PX^_]/.test(text) ? text.length : this.hand("\x1b");
  }

  private takeCharacter(text: string): number {
    const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
    if (character.length === 1) return this.hand(character);
    this.listener.onText(character);
    return character.length;
  }

  private hand(key: string): number {
    this.push(key);
    return key.length;
  }
}
