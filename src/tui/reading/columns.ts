const FIRST_CAPACITY = 1024;

/** Numbers about entries, one slot an entry, in typed arrays that double as they fill: a million entries take about 30 MB. */
export class Columns {
  atMs = new Float64Array(FIRST_CAPACITY);
  sizeBytes = new Uint32Array(FIRST_CAPACITY);
  connection = new Uint32Array(FIRST_CAPACITY);
  method = new Uint32Array(FIRST_CAPACITY);
  outcome = new Uint32Array(FIRST_CAPACITY);
  /** Of a request or a response the other one, of an event its number. */
  link = new Uint32Array(FIRST_CAPACITY);
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
    this.outcome = grow(new Uint32Array(capacity), this.outcome);
    this.link = grow(new Uint32Array(capacity), this.link);
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
    const cut = cutText(text);
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

/** What a line says of how it went: the result in words, and the codes behind it. */
export interface Outcome {
  readonly result: string;
  readonly codes: readonly string[];
}

/** Gives each different outcome a small number. Number 0 says nothing. */
export class Outcomes {
  private readonly plain = new Map<string, number>([["", 0]]);
  private readonly coded = new Map<string, number>();
  private readonly outcomes: Outcome[] = [{ result: "", codes: [] }];

  /** The number of that outcome; its texts are cut at 200 characters first. */
  intern({ result, codes }: Outcome): number {
    const known = codes.length === 0 ? this.plain : this.coded;
    const outcome = { result: cutText(result), codes: codes.map(cutText) };
    const key = codes.length === 0 ? outcome.result : JSON.stringify(outcome);
    let number = known.get(key);
    if (number === undefined) {
      number = this.outcomes.push(outcome) - 1;
      known.set(key, number);
    }
    return number;
  }

  /** The outcome of that number. */
  outcome(number: number): Outcome {
    return this.outcomes[number] ?? { result: "", codes: [] };
  }
}

function cutText(text: string): string {
  return text.length > 200 ? text.slice(0, 200) : text;
}
