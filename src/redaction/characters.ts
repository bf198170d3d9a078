import type { TokenBody } from "../gateway/token-shapes.ts";

/*
 * Classes of ASCII characters, and how far they reach in a text. Loops over tables instead of regular expressions: they take as long as
 * what they pass over, and no text however long overflows a stack.
 */

/** True for each character code of a class; none beyond ASCII is in any. */
export type CharacterClass = Uint8Array;

/** Makes a class of what a pattern for one character accepts. */
export function characterClass(one: RegExp): CharacterClass {
  return Uint8Array.from({ length: 128 }, (_, code) =>
    one.test(String.fromCharCode(code)) ? 1 : 0,
  );
}

/** Where the characters of a class that begin at `start` end. */
export function endOf(text: string, start: number, members: CharacterClass): number {
  let end = start;
  while (end < text.length && members[text.charCodeAt(end)] === 1) end += 1;
  return end;
}

/** The same backwards: where those begin that end before `end`. At most `most` are looked at. */
export function startOf(text: string, end: number, members: CharacterClass, most: number): number {
  let start = end;
  while (start > 0 && end - start < most && members[text.charCodeAt(start - 1)] === 1) start -= 1;
  return start;
}

/** Space, tab and ends of lines. */
export const SPACE: CharacterClass = characterClass(/\s/);
export const DIGIT: CharacterClass = characterClass(/\d/);
export const WORD: CharacterClass = characterClass(/[\w-]/);
export const BASE64: CharacterClass = characterClass(/[\w+/=-]/);
export const BACKSLASHES: CharacterClass = characterClass(/\\/);
/** What a value without quotes is made of. */
export const UNQUOTED: CharacterClass = characterClass(/[^\s"'`\\,;&<>(){}[\]|]/);

/** What tokens are made of. */
export const TOKEN_BODIES: Readonly<Record<TokenBody, CharacterClass>> = {
  word: WORD,
  dotted: characterClass(/[\w.-]/),
  padded: characterClass(/[\w.+/=-]/),
  path: characterClass(/[\w.~:/-]/),
  segment: characterClass(/[\w.~-]/),
};
