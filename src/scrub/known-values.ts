const PREFIX_LENGTH = 4;

/** A secret that ends a text may have been cut there; fewer characters than this give nothing away. */
const MIN_CUT_LENGTH = 6;

interface Known {
  readonly value: string;
  readonly standIn: string;
  readonly wholeWord: boolean;
  readonly isCredential: boolean;
}

/** Values that were taken out somewhere, to be found wherever else they stand. Fast for thousands of them. */
export class KnownValues {
  readonly #byPrefix = new Map<string, Known[]>();
  readonly #values = new Set<string>();

  /** Remembers a value of at least four characters. `isCredential`: also parts of other words, and cut short, count. */
  add(value: string, standIn: string, isCredential: boolean): void {
    if (value.length < PREFIX_LENGTH || this.#values.has(value)) return;
    this.#values.add(value);
    for (const spelled of new Set([value, insideJson(value), inUrl(value)])) {
      const known = { value: spelled, standIn, wholeWord: !isCredential, isCredential };
      const prefix = spelled.slice(0, PREFIX_LENGTH);
      const alike = this.#byPrefix.get(prefix);
      if (alike === undefined) this.#byPrefix.set(prefix, [known]);
      else alike.push(known);
      // The longest is the one that is meant.
      alike?.sort((left, right) => right.value.length - left.value.length);
    }
  }

  /** The text with stand-ins in place of all that is known. */
  replace(text: string): string {
    if (this.#byPrefix.size === 0) return text;
    let result = "";
    let copied = 0;
    for (let at = 0; at + PREFIX_LENGTH <= text.length; at += 1) {
      const candidates = this.#byPrefix.get(text.slice(at, at + PREFIX_LENGTH));
      if (candidates === undefined) continue;
      const found = candidates.find((known) => standsAt(text, at, known));
      if (found === undefined) continue;
      result += text.slice(copied, at) + found.standIn;
      copied = at + found.value.length;
      at = copied - 1;
    }
    const replaced = copied === 0 ? text : result + text.slice(copied);
    return this.#replaceCut(replaced);
  }

  // A stream says its text again and again, each time with more of it, so that a secret stands there in part first.
  #replaceCut(text: string): string {
    const from = Math.max(0, text.length - 512);
    for (let at = from; at + MIN_CUT_LENGTH <= text.length; at += 1) {
      const candidates = this.#byPrefix.get(text.slice(at, at + PREFIX_LENGTH));
      const tail = text.slice(at);
      const cut = candidates?.find(
        ({ value, isCredential }) =>
          isCredential && value.length > tail.length && value.startsWith(tail),
      );
      if (cut !== undefined) return text.slice(0, at) + cut.standIn;
    }
    return text;
  }
}

function standsAt(text: string, at: number, { value, wholeWord }: Known): boolean {
  if (!text.startsWith(value, at)) return false;
  return !wholeWord || !(isWordEdge(text, at - 1) || isWordEdge(text, at + value.length));
}

function isWordEdge(text: string, at: number): boolean {
  return /[A-Za-z0-9_]/.test(text[at] ?? "");
}

function insideJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

function inUrl(value: string): string {
  // Half of a surrogate pair has no UTF-8.
  return value.isWellFormed() ? encodeURIComponent(value) : value;
}
