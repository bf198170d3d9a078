import type { Entry } from "../recording/entry.ts";
import { gate } from "./output.ts";
import type { ReadBlocks, RecordingReader } from "../recording/reader.ts";

/** What takes less time than this needs no progress. */
const SILENT_MS = 1000;
const TERMINAL_EVERY_MS = 100;
const ELSEWHERE_EVERY_MS = 5000;

/** How far something is: on a terminal one line of standard error that changes and goes away, elsewhere a line now and then. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #now: () => number;
  readonly #startMs: number;
  #shownMs: number;
  #isShown = false;

  constructor(stream: NodeJS.WriteStream = process.stderr, now = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#startMs = now();
    this.#shownMs = this.#startMs;
  }

  /** Says how far it is, if that was not said a moment ago. */
  show(tell: () => string): void {
    const nowMs = this.#now();
    const everyMs = this.#stream.isTTY ? TERMINAL_EVERY_MS : ELSEWHERE_EVERY_MS;
    if (nowMs - this.#startMs < SILENT_MS || nowMs - this.#shownMs < everyMs) return;
    this.#shownMs = nowMs;
    this.#isShown = true;
    const text = gate(tell(), this.#stream);
    this.#stream.write(this.#stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#stream.isTTY && this.#isShown) this.#stream.write("\r\u001b[K");
    this.#isShown = false;
  }
}

/** The blocks of a recording, with its progress told: `doing` as in `reading`. */
export async function* blocksWithProgress(
  reader: RecordingReader,
  doing: string,
  how?: ReadBlocks,
): AsyncGenerator<readonly Entry[], void, undefined> {
  const progress = new ProgressLine();
  let read = 0;
  try {
    for await (const block of reader.blocks(how)) {
      yield block;
      read += block.length;
      progress.show(() => `${doing} ${reader.name}: ${renderShare(read, reader.entryCount)}`);
    }
  } finally {
    progress.end();
  }
}

/** A share in whole percent. */
export function renderShare(done: number, total: number): string {
  return `${Math.floor((100 * done) / Math.max(total, done, 1))} %`;
}
