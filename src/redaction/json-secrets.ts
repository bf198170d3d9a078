import { isNumericSecret, secretKindEndingAt } from "../gateway/secrets.ts";
import { assignedAt } from "./named-secrets.ts";
import { BACKSLASHES, DIGIT, SPACE, WORD, endOf } from "./characters.ts";

/*
 * What in a JSON text, or in JSON within it, says that a value may be secret by its place, so that it has to be gone through value by
 * value.
 */

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const SMALL_E = 0x65;
const SMALL_H = 0x68;
const SMALL_L = 0x6c;
const SMALL_T = 0x74;

/** `"token": "…"`, and `"value": "…"` after `"name": "token"`. */
export function isSecretKeyAt(text: string, colon: number): boolean {
  const end = skipBack(text, colon - 1);
  const quote = text.charCodeAt(end);
  if (quote !== QUOTE && quote !== APOSTROPHE) return false;
  let last = end - 1;
  while (text.charCodeAt(last) === BACKSLASH) last -= 1;
  const kind = secretKindEndingAt(text, last);
  if (kind !== null) {
    const isSecret = hasValue(text, colon + 1, kind, text[last] ?? "");
    return isSecret || assignedAt(text, colon) !== null;
  }
  // This is asked for every key, and most end otherwise.
  const letter = text.charCodeAt(last);
  if (letter === SMALL_H) return text.startsWith("auth", last - 3);
  const mayBeValue = letter === SMALL_E || letter === SMALL_L || letter === SMALL_T;
  return mayBeValue && isAfterName(text, last);
}

/** False for a flag, null, and a number that counts something. */
function hasValue(text: string, from: number, kind: string, lastLetter: string): boolean {
  const at = endOf(text, endOf(text, from, SPACE), BACKSLASHES);
  const first = text[at] ?? "";
  if (!/[\d-]/.test(first)) return /["'{[]/.test(first);
  const end = endOf(text, at + 1, DIGIT);
  return isNumericSecret(kind, lastLetter, text.slice(at, Math.min(end, at + 20)));
}

const VALUE_KEYS = ["value", "val", "content", "default"];

function isAfterName(text: string, last: number): boolean {
  const key = VALUE_KEYS.find((one) => text.startsWith(one, last + 1 - one.length));
  if (key === undefined) return false;
  let before = quoteBack(text, last - key.length);
  before = text[before] === "," ? quoteBack(text, skipBack(text, before - 1)) : -1;
  return before >= 0 && secretKindEndingAt(text, before) !== null;
}

/** What stands before a quote, its backslashes and white space; -1 where no quote is. */
function quoteBack(text: string, quote: number): number {
  if (text[quote] !== '"') return -1;
  let at = quote - 1;
  while (text[at] === "\\") at -= 1;
  return skipBack(text, at);
}

/** Of these methods any text may be secret, whatever its name. */
export function isSecretMethodAt(text: string, dot: number): boolean {
  const before = text[dot - 1];
  if (before !== "g" && before !== "s") return false;
  return text.endsWith("config", dot) || text.endsWith("secrets", dot);
}

/** `"--token", "…"` in a list. */
export function isListedFlagAt(text: string, at: number): boolean {
  if (text[at - 1] !== '"') return false;
  const end = endOf(text, at, WORD);
  const isListed = /^\\*"\s?,/.test(text.slice(end, end + 12));
  return isListed && secretKindEndingAt(text, end - 1) !== null;
}

/** `form-data; name="token"`, before a part of a body (RFC 7578). */
export function isPartNameAt(text: string, at: number): boolean {
  return text.startsWith("; name", at - 6) && /^=\\*"/.test(text.slice(at, at + 10));
}

/** A letter that JSON spells as a number: what it is part of is read only when it is unescaped. */
export function isLetterByNumberAt(text: string, at: number): boolean {
  return /[2-7]/.test(text[at + 4] ?? "");
}

function skipBack(text: string, from: number): number {
  let at = from;
  while (SPACE[text.charCodeAt(at)] === 1) at -= 1;
  return at;
}
