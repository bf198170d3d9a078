import { characterClass, DIGIT } from "./characters.ts";
import { encodedForms, hasCodes, plainForm, undoEscapes } from "./spellings.ts";
import { ValueMatcher, type Match } from "./value-matcher.ts";

interface Known {
  readonly standIn: string;
  readonly edges: Edges;
}

/**
 * What may stand around a value: `any` text; no letter or digit beside it (`words`); no digit (`digits`), as in a moment in
 * milliseconds.
 */
type Edges = "any" | "words" | "digits";

/** Longer values are searched for as they are, and not encoded: there are seven forms of each. */
const MAX_ENCODED = 256;

/** Values that were taken out somewhere, found wherever else they stand and however they are spelled. */
export class KnownValues {
  readonly #plain = new ValueMatcher<Known>();
  readonly #spelled = new ValueMatcher<Known>();
  /** True when one of them may have a backslash before a character, wherever it stands in JSON. */
  #hasSpecials = false;

  /** Remembers a value of at least four characters. One that is no credential counts only as a word of its own. */
  add(value: string, standIn: string, isCredential: boolean): void {
    const edges = isCredential ? edgesOf(value) : "words";
    const known = { standIn, edges };
    this.#spelled.add(value, known);
    this.#plain.add(plainForm(value), known);
    if (value.includes(" ")) this.#plain.add(plainForm(value.replaceAll(" ", "+")), known);
    this.#hasSpecials ||= /[^\w=-]/.test(value);
    if (!isCredential || value.length > MAX_ENCODED) return;
    // Parts of longer codes, of which letters beside it tell nothing.
    const encoded = { standIn, edges: "any" } as const;
    for (const form of encodedForms(value)) this.#spelled.add(form, encoded);
  }

  /** The text with stand-ins in place of all that is known. */
  replace(text: string): string {
    const isJson = /^\s*[[{]/.test(text);
    const found = this.#spelled.matches(text, (start, end, { edges }) =>
      standsAlone(text, start, end, edges),
    );
    const plain = isJson ? found.filter((match) => !crossesStrings(text, match)) : found;
    const escaped = this.#mayBeEscaped(text) ? this.#unescaped(text, isJson) : [];
    const ranges = [...plain, ...escaped];
    return ranges.length === 0 ? text : replaceRanges(text, ranges);
  }

  #mayBeEscaped(text: string): boolean {
    return (this.#hasSpecials && text.includes("\\")) || hasCodes(text);
  }

  #unescaped(text: string, isJson: boolean): readonly Match<Known>[] {
    const undone = undoEscapes(text);
    if (undone === null) return [];
    const { starts } = undone;
    const inText = (at: number): number => starts[at] ?? text.length;
    return this.#plain
      .matches(undone.text, (start, end, { edges }) =>
        standsAlone(text, inText(start), inText(end), edges),
      )
      .map(({ start, end, found }) => ({ start: inText(start), end: inText(end), found }))
      .filter((match) => !isJson || !crossesStrings(text, match));
  }
}

const WORD = characterClass(/\w/);

/** Longer ones are no words, whatever they are made of. */
const LONGEST_WORD = 32;

function edgesOf(credential: string): Edges {
  if (credential.length > LONGEST_WORD) return "any";
  if (/^\d+$/.test(credential)) return "digits";
  return /[^A-Za-z._ -]/.test(credential) ? "any" : "words";
}

function standsAlone(text: string, start: number, end: number, edges: Edges): boolean {
  if (edges === "any") return true;
  const members = edges === "digits" ? DIGIT : WORD;
  if (members[text.charCodeAt(end)] === 1) return false;
  // The letter of `\n` is no part of the word after it.
  return members[text.charCodeAt(start - 1)] !== 1 || text[start - 2] === "\\";
}

/** In JSON a quote without a backslash ends a string: a client that sends such a thing as its secret must not change what a frame says. */
function crossesStrings(text: string, { start, end }: Match<unknown>): boolean {
  for (let at = text.indexOf('"', start); at >= 0 && at < end; at = text.indexOf('"', at + 1)) {
    if (at === 0 || text[at - 1] !== "\\") return true;
  }
  return false;
}

function replaceRanges(text: string, ranges: readonly Match<Known>[]): string {
  const inOrder = ranges.toSorted(
    (left, right) => left.start - right.start || right.end - left.end,
  );
  let result = "";
  let copied = 0;
  for (const { start, end, found } of inOrder) {
    if (end <= copied) continue;
    // What overlaps stands for both.
    if (start >= copied) result += text.slice(copied, start) + standInAt(text, start, end, found);
    copied = end;
  }
  return result + text.slice(copied);
}

/** A number in JSON becomes a text, since a stand-in is none. */
function standInAt(text: string, start: number, end: number, { standIn, edges }: Known): string {
  const isNumber =
    edges === "digits" &&
    /[:[,]\s?$/.test(text.slice(Math.max(0, start - 2), start)) &&
    /^\s?[,\]}]/.test(text.slice(end, end + 2));
  return isNumber ? `"${standIn}"` : standIn;
}
