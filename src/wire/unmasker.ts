/** Below this, setting up costs more than going byte by byte. */
const MIN_WORDS_BYTES = 32;

/**
 * Takes the mask off payloads, or puts it on again (RFC 6455, section 5.3), four bytes at a time. One for each reader: it
 * remembers how it looks at the memory that it saw last.
 */
export class Unmasker {
  readonly #key = new Uint8Array(new ArrayBuffer(4));
  readonly #keyWord = new Int32Array(this.#key.buffer);
  #words: Int32Array = new Int32Array(0);

  /** Changes the bytes from `start` to `end` in place; their mask is the four bytes before. */
  apply(bytes: Uint8Array, start: number, end: number): void {
    const mask = start - 4;
    let at = start;
    if (end - start >= MIN_WORDS_BYTES) {
      while (((bytes.byteOffset + at) & 3) !== 0) at = this.#applyByte(bytes, at, mask, start);
      at = this.#applyWords(bytes, at, end, mask, start);
    }
    while (at < end) at = this.#applyByte(bytes, at, mask, start);
  }

  #applyByte(bytes: Uint8Array, at: number, mask: number, start: number): number {
    bytes[at] = (bytes[at] ?? 0) ^ (bytes[mask + ((at - start) & 3)] ?? 0);
    return at + 1;
  }

  #applyWords(bytes: Uint8Array, from: number, end: number, mask: number, start: number): number {
    if (this.#words.buffer !== bytes.buffer) {
      this.#words = new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
    }
    for (let i = 0; i < 4; i += 1) this.#key[i] = bytes[mask + ((from - start + i) & 3)] ?? 0;
    const words = this.#words;
    const key = this.#keyWord[0] ?? 0;
    const first = (bytes.byteOffset + from) >> 2;
    const count = (end - from) >> 2;
    for (let word = first; word < first + count; word += 1) words[word] = (words[word] ?? 0) ^ key;
    return from + count * 4;
  }
}
