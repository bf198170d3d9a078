const LF = 10;
const CR = 13;

/** Collects the bytes of one side up to the empty line that ends an HTTP head, however they are cut. */
export class HeadScanner {
  #parts: Uint8Array[] = [];
  #lineIsEmpty = true;
  /** How many bytes of the head have come. Empty lines before it do not count (RFC 9112, section 2.2). */
  sizeBytes = 0;

  /** Takes bytes and says how many of them belong to the head, and whether it is whole. */
  take(bytes: Uint8Array): { readonly taken: number; readonly whole: boolean } {
    const start = this.sizeBytes === 0 ? skipEmptyLines(bytes) : 0;
    for (let i = start; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === LF && this.#lineIsEmpty) {
        this.#keep(bytes.subarray(start, i + 1));
        return { taken: i + 1, whole: true };
      }
      if (byte !== CR) this.#lineIsEmpty = byte === LF;
    }
    this.#keep(bytes.subarray(start));
    return { taken: bytes.length, whole: false };
  }

  /** All bytes of the head so far. */
  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  /** The first bytes so far, one character a byte. It is asked for with every piece, so it looks at no more of them than it needs. */
  start(maxBytes: number): string {
    let sizeBytes = 0;
    const enough = this.#parts.findIndex((part) => (sizeBytes += part.length) >= maxBytes);
    const parts = enough === -1 ? this.#parts : this.#parts.slice(0, enough + 1);
    return Buffer.concat(parts).toString("latin1", 0, maxBytes);
  }

  /** The head so far, one character a byte: header values are not always UTF-8 (RFC 9110, section 5.5). */
  text(): string {
    return Buffer.concat(this.#parts).toString("latin1");
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(Uint8Array.from(bytes));
    this.sizeBytes += bytes.length;
  }
}

function skipEmptyLines(bytes: Uint8Array): number {
  let i = 0;
  while (bytes[i] === CR || bytes[i] === LF) i++;
  return i;
}
