import { stripVTControlCharacters } from "node:util";
import type { WriteStream } from "node:tty";
import { gate } from "./output.ts";

/** Writes lines to a terminal, and keeps one last line below them that is written over. */
export class LiveLine {
  readonly #stream: WriteStream;
  #line = "";

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  /** Puts finished lines above the live one. */
  print(text: string): void {
    this.#stream.write(`${this.#erase()}${gate(text, this.#stream)}\n${this.#line}`);
  }

  /** Shows this instead of the live line that was there. */
  update(line: string): void {
    // A line that wraps could not be erased.
    const columns = Math.max((this.#stream.columns ?? 80) - 1, 1);
    const plain = stripVTControlCharacters(line);
    const shown = plain.length > columns ? plain.slice(0, columns) : line;
    const before = this.#erase();
    this.#line = gate(shown, this.#stream);
    this.#stream.write(before + this.#line);
  }

  #erase(): string {
    return this.#line === "" ? "" : "\r\x1b[K";
  }
}
