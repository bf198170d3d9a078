/** A text as it reads without escapes, and where each of its characters stood; one place more says where the last one ended. */
export interface Unescaped {
  readonly text: string;
  readonly starts: Uint32Array;
}

/** Escapes within escapes, as JSON in JSON in a URL has them, are undone so often. */
const MAX_ROUNDS = 6;

/**
 * Undoes backslashes and percent codes, however many of them are around a character, so that a value is found however it is spelled:
 * `\"`, `\\\"`, `\u0022`, `%22` and `%2522` all read `"`, and the end of a line reads `n`, as `\n` does. Null when there are none.
 */
export function undoEscapes(text: string): Unescaped | null {
  let all: Unescaped | null = null;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const once = undoOnce(all?.text ?? text);
    if (once === null) break;
    const { starts } = once;
    if (all !== null)
      for (const [at, start] of starts.entries()) starts[at] = all.starts[start] ?? 0;
    all = once;
  }
  return all;
}

/** A value as `undoEscapes` leaves it in a text. */
export function plainForm(value: string): string {
  const undone = undoEscapes(value)?.text ?? value;
  return undone.replaceAll(/[\n\r\t\b\f]/g, (control) =>
    String.fromCharCode(fold(control.charCodeAt(0))),
  );
}

/** True for a text in which `undoEscapes` undoes more than backslashes before other characters than letters and digits. */
export function hasCodes(text: string): boolean {
  if (text.includes("\\u")) return true;
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at + 1)) {
    if (hexAt(text, at + 1, 2) >= 0) return true;
  }
  return false;
}

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const LETTER_U = 0x75;

function undoOnce(text: string): Unescaped | null {
  if (!text.includes("\\") && !text.includes("%")) return null;
  const codes = new Uint16Array(text.length);
  const starts = new Uint32Array(text.length + 1);
  let length = 0;
  let isSame = true;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    const undone =
      code === BACKSLASH
        ? undoBackslashes(text, at)
        : code === PERCENT
          ? undoPercent(text, at)
          : null;
    starts[length] = at;
    if (undone === null) {
      codes[length++] = fold(code);
      at += 1;
      continue;
    }
    isSame = false;
    for (const unit of undone.units) {
      starts[length] = at;
      codes[length++] = unit;
    }
    at = undone.end;
  }
  if (isSame) return null;
  starts[length] = text.length;
  const bytes = Buffer.from(codes.buffer, 0, length * 2);
  return { text: bytes.toString("utf16le"), starts: starts.subarray(0, length + 1) };
}

interface Undone {
  readonly units: readonly number[];
  readonly end: number;
}

/** Any number of backslashes, and what they escape: it takes as many as the JSON around is nested. */
function undoBackslashes(text: string, start: number): Undone {
  let at = start;
  while (text.charCodeAt(at) === BACKSLASH) at += 1;
  if (at >= text.length) return { units: [], end: at };
  const code = text.charCodeAt(at);
  const number = code === LETTER_U ? hexAt(text, at + 1, 4) : -1;
  if (number >= 0) return { units: [fold(number)], end: at + 5 };
  // A code of its own is left to the next round.
  if (code === PERCENT) return { units: [], end: at };
  return { units: [fold(code)], end: at + 1 };
}

/** One character that is percent-encoded as UTF-8 (RFC 3986, section 2.1), once or more often; null for a percent sign. */
function undoPercent(text: string, start: number): Undone | null {
  const first = byteAt(text, start);
  if (first === null) return null;
  const size = first.byte < 0xc0 ? 1 : first.byte < 0xe0 ? 2 : first.byte < 0xf0 ? 3 : 4;
  const bytes = [first.byte];
  let { end } = first;
  while (bytes.length < size) {
    const next = text.charCodeAt(end) === PERCENT ? byteAt(text, end) : null;
    if (next === null || (next.byte & 0xc0) !== 0x80) return { units: [0xfffd], end: first.end };
    bytes.push(next.byte);
    ({ end } = next);
  }
  const character = size === 1 ? String.fromCharCode(first.byte) : Buffer.from(bytes).toString();
  return { units: character.split("").map((unit) => fold(unit.charCodeAt(0))), end };
}

function byteAt(
  text: string,
  start: number,
): { readonly byte: number; readonly end: number } | null {
  let at = start + 1;
  // `%2541`: the percent sign is encoded itself.
  while (text.startsWith("25", at) && hexAt(text, at + 2, 2) >= 0) at += 2;
  const byte = hexAt(text, at, 2);
  return byte < 0 ? null : { byte, end: at + 2 };
}

function hexAt(text: string, start: number, digits: number): number {
  let number = 0;
  for (let at = start; at < start + digits; at += 1) {
    const digit = hexDigit(text.charCodeAt(at));
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Control characters that JSON spells with a letter read as that letter: the letter after a backslash may be one or stand for one. */
function fold(code: number): number {
  switch (code) {
    case 0x08:
      return 0x62;
    case 0x09:
      return 0x74;
    case 0x0a:
      return 0x6e;
    case 0x0c:
      return 0x66;
    case 0x0d:
      return 0x72;
    default:
      return code;
  }
}

/** What a value looks like inside of something that is written in base64, in base64 for URLs, or in hexadecimal. */
export function encodedForms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString("hex");
  const forms = new Set([hex, hex.toUpperCase()]);
  // Three bytes make four characters, so it depends on how many stand before.
  for (let before = 0; before < 3; before += 1) {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor((all.length * 8) / 6);
    forms.add(all.toString("base64").slice(from, to));
    forms.add(all.toString("base64url").slice(from, to));
  }
  return [...forms];
}
