const FIRST_CAPACITY = 1024;

/** Numbers about entries, one slot an entry, in typed arrays that double as they fill: a million entries take about 38 MB. */
export class Columns {
  atMs = new Float64Array(FIRST_CAPACITY);
  sizeBytes = new Uint32Array(FIRST_CAPACITY);
  connection = new Uint32Array(FIRST_CAPACITY);
  method = new Uint32Array(FIRST_CAPACITY);
  result = new Uint32Array(FIRST_CAPACITY);
  code = new Uint32Array(FIRST_CAPACITY);
  number = new Uint32Array(FIRST_CAPACITY);
  pair = new Uint32Array(FIRST_CAPACITY);
  type = new Uint8Array(FIRST_CAPACITY);
  flags = new Uint8Array(FIRST_CAPACITY);

  /** Makes room for a slot of that number. */
  reserve(slot: number): void {
    if (slot < this.atMs.length) return;
    const capacity = Math.max(slot + 1, this.atMs.length * 2);
    this.atMs = grow(new Float64Array(capacity), this.atMs);
    this.sizeBytes = grow(new Uint32Array(capacity), this.sizeBytes);
    this.connection = grow(new Uint32Array(capacity), this.connection);
    this.method = grow(new Uint32Array(capacity), this.method);
    this.result = grow(new Uint32Array(capacity), this.result);
    this.code = grow(new Uint32Array(capacity), this.code);
    this.number = grow(new Uint32Array(capacity), this.number);
    this.pair = grow(new Uint32Array(capacity), this.pair);
    this.type = grow(new Uint8Array(capacity), this.type);
    this.flags = grow(new Uint8Array(capacity), this.flags);
  }
}

function grow<T extends Float64Array | Uint32Array | Uint8Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}

/** Gives each different text a small number, so that a column of texts is a column of numbers. Number 0 is the empty text. */
export class Interner {
  private readonly numbers = new Map<string, number>([["", 0]]);
  private readonly texts: string[] = [""];

  /** The number of that text; the text is cut at 200 characters first. */
  intern(text: string): number {
    const cut = text.length > 200 ? text.slice(0, 200) : text;
    let number = this.numbers.get(cut);
    if (number === undefined) {
      number = this.texts.length;
      this.numbers.set(cut, number);
      this.texts.push(cut);
    }
    return number;
  }

  /** The text of that number. */
  text(number: number): string {
    return this.texts[number] ?? "";
  }
}
