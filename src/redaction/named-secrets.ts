import { isNumericSecret, secretKindEndingAt, secretKindOfQueryName } from "../gateway/secrets.ts";
import { looksRandom } from "../gateway/secret-values.ts";
import {
  BACKSLASHES,
  SPACE,
  UNQUOTED,
  WORD,
  characterClass,
  endOf,
  startOf,
} from "./characters.ts";
import type { SecretSpan } from "./find-secrets.ts";

interface Name {
  readonly kind: string;
  /** Its last letter: `tokens` are mostly counted. */
  readonly last: string;
  /** In a query string or a form, where `#` and `&` end a value. */
  readonly inQuery: boolean;
  readonly isQuoted: boolean;
}

/** `name: value`, `name=value`, `"name": "value"`, `name = 'value'`, `user[name]=value`; quotes may be escaped. */
export function assignedAt(text: string, at: number): SecretSpan | null {
  const name = nameBefore(text, at);
  if (name === null) return null;
  const isTight = text[at] === "=" && SPACE[text.charCodeAt(at + 1)] !== 1;
  let from = endOf(text, at + 1, SPACE);
  // `:=`, `=>`, `==`
  const operator = endOf(text, from, OPERATOR);
  if (operator > from) from = endOf(text, operator, SPACE);
  return valueFrom(text, from, name, isTight);
}

const OPERATOR = characterClass(/[=>]/);
const QUERY_NAME = characterClass(/[\w.+[\]%-]/);

function nameBefore(text: string, at: number): Name | null {
  let last = at - 1;
  while (SPACE[text.charCodeAt(last)] === 1) last -= 1;
  const isQuoted = isQuote(text[last]);
  if (isQuoted) {
    last -= 1;
    while (text[last] === "\\") last -= 1;
  } else if (text[last] === "]") last = lastInBrackets(text, last);
  else if (text[last - 2] === "%" && /5d/i.test(text.slice(last - 1, last + 1))) last -= 3;
  const kind = secretKindEndingAt(text, last);
  if (kind === null && text[at] === ":") return null;
  const start = text[at] === "=" && last === at - 1 ? startOf(text, at, QUERY_NAME, 80) : -1;
  const query = text.slice(Math.max(start, 0), at);
  const inQuery = start >= 0 && (isQueryBefore(text, start, at) || query.includes("%"));
  const found =
    kind ?? (inQuery ? secretKindOfQueryName(query, text.slice(at + 1, at + 200)) : null);
  if (found === null || isPlaceholderBefore(text, last)) return null;
  return {
    kind: found,
    last: text[last] ?? "",
    inQuery,
    isQuoted,
  };
}

/** `user[password]`, `tokens[]`, `tokens[0]`, `keys["TOKEN"]`: the last letter of the name. */
function lastInBrackets(text: string, bracket: number): number {
  let last = bracket - 1;
  while (/\d/.test(text[last] ?? "")) last -= 1;
  if (text[last] === "[") return last - 1;
  last = bracket - 1;
  if (isQuote(text[last])) last -= 1;
  while (text[last] === "\\") last -= 1;
  return last;
}

function isQueryBefore(text: string, start: number, at: number): boolean {
  // A form begins with its first name.
  if (start === 0) return text[endOf(text, at + 1, UNQUOTED)] === "&";
  if ("?&#;".includes(text[start - 1] ?? " ")) return true;
  return /\b(?:body|form)["'`]? ?[:=] ?["'`]?$/i.test(text.slice(Math.max(0, start - 12), start));
}

const LETTERS = characterClass(/[a-z]/);

/** True for the kind in `<redacted:token:…>`, which has the form of a name and a value. */
function isPlaceholderBefore(text: string, last: number): boolean {
  const start = startOf(text, last + 1, LETTERS, 40);
  return text.startsWith("<redacted:", start - 10);
}

const SCHEME = /^(?:bearer|basic|token|bot|apikey|digest|negotiate)(?:\s+|\+|%20)/i;
/** Of the header itself any word may be one (RFC 9110, section 11.4), and parameters may follow it. */
const ANY_SCHEME = /^(?:AWS4-[\w-]{1,20}|[A-Za-z][A-Za-z-]{2,20}) +(?=[^\s"'\\])/;
const PARAMETERS = /^[\w-]{1,20}=/;

function valueFrom(text: string, from: number, name: Name, isTight: boolean): SecretSpan | null {
  const quoteAt = endOf(text, from, BACKSLASHES);
  const quote = text[quoteAt];
  if (quote === "[") return listFrom(text, quoteAt, name);
  const isQuotedValue = isQuote(quote);
  const open = isQuotedValue ? quoteAt + 1 : from;
  const { kind } = name;
  const isHeader = kind === "authorization" && !name.inQuery;
  const ofHeader = isHeader ? ANY_SCHEME : SCHEME;
  const scheme = ofHeader.exec(text.slice(open, open + 30))?.[0] ?? "";
  const start = open + scheme.length;
  if (isHeader && PARAMETERS.test(text.slice(start, start + 24)))
    return { start, end: endOf(text, start, TO_LINE_END), kind };
  if (isQuotedValue) {
    const end = closingQuote(text, open, quote ?? "", quoteAt - from);
    if (end >= 0) return end > start ? { start, end, kind } : null;
    if (quote === '"') return { start, end: text.length, kind };
  }
  // Of a program, what says where the value is from; no more of it is looked at.
  if (text[start] === "$" || text[start] === "<") return null;
  const end = kind === "cookie" ? endOfLine(text, start) : endOfValue(text, start, name);
  const value = text.slice(start, end);
  const isSecret = isTight ? isPlainValue(value, name) : isStatedValue(value, name);
  return isSecret ? { start, end: isTight ? end : start + trimmed(value), kind } : null;
}

/** `passwords: ["a", "b"]` as a whole. */
function listFrom(text: string, bracket: number, { kind }: Name): SecretSpan | null {
  const start = endOf(text, bracket + 1, SPACE);
  if (!isQuote(text[endOf(text, start, BACKSLASHES)])) return null;
  const end = text.slice(start, start + 1024).indexOf("]");
  return end < 0 ? null : { start, end: start + end, kind };
}

/**
 * Where a quoted value ends, before the backslashes of the closing quote; -1 when it does not. A quote within it has more backslashes
 * than the one that opened it.
 */
function closingQuote(text: string, open: number, quote: string, backslashes: number): number {
  for (let end = text.indexOf(quote, open); end >= 0; end = text.indexOf(quote, end + 1)) {
    const start = startOf(text, end, BACKSLASHES, end - open);
    const before = end - start;
    if (backslashes === 0 ? before % 2 === 0 : before <= backslashes) return start;
  }
  return -1;
}

function endOfValue(text: string, start: number, { inQuery }: Name): number {
  const end = endOf(text, start, UNQUOTED);
  const fragment = inQuery ? text.slice(start, end).indexOf("#") : -1;
  return fragment < 0 ? end : start + fragment;
}

const TO_LINE_END = characterClass(/[^\r\n]/);
const LINE = characterClass(/[^\r\n"'\\]/);

function endOfLine(text: string, start: number): number {
  return endOf(text, start, LINE);
}

/** A value right after `=` is one, unless a program says what is to be put there. */
function isPlainValue(value: string, { kind, last }: Name): boolean {
  if (value === "" || /^(?:null|true|false|undefined|none)$/i.test(value)) return false;
  return !/^\d+$/.test(value) || isNumericSecret(kind, last, value);
}

/** After a colon or a space, it must look random, or every sentence about a token would lose a word. */
function isStatedValue(value: string, name: Name): boolean {
  if (/^\d{4,}$/.test(value))
    return (
      isNumericSecret(name.kind, name.last, value) && (name.kind !== "token" || value.length >= 8)
    );
  return value.length >= 6 && looksRandom(value) && isPlainValue(value, name);
}

/** How long a value is without what ends a sentence. */
function trimmed(value: string): number {
  let length = value.length;
  while (length > 1 && ".:!?".includes(value[length - 1] ?? " ")) length -= 1;
  return length;
}

const NAME = characterClass(/[\w.-]/);

/** `--token value`, `-u user:password`. */
export function flagAt(text: string, at: number): SecretSpan | null {
  const next = text[at + 1];
  if (next !== "-" && next !== "u") return null;
  const before = text.charCodeAt(at - 1);
  if (NAME[before] === 1 && text[at - 2] !== "\\") return null;
  if (text.startsWith("-u ", at) || text.startsWith("--user ", at)) return userAt(text, at);
  if (next !== "-") return null;
  const end = endOf(text, at + 2, NAME);
  if (end === at + 2 || SPACE[text.charCodeAt(end)] !== 1) return null;
  const kind = secretKindEndingAt(text, end - 1);
  if (kind === null) return null;
  const from = endOf(text, end, SPACE);
  const span = valueFrom(text, from, { kind, last: "", inQuery: false, isQuoted: false }, true);
  if (span === null || text[from] === "-") return null;
  const value = text.slice(span.start, span.end);
  const isSaid =
    isQuote(text[endOf(text, from, BACKSLASHES)]) || /[^a-z]/.test(value) || value.length >= 12;
  return isSaid ? span : null;
}

const BETWEEN = characterClass(/[\s"',\\]/);

/** `config set gateway.auth.token value`, as a command and as a list of its words: around a dot of the name. */
export function setAt(text: string, at: number): SecretSpan | null {
  const end = endOf(text, at + 1, WORD);
  const kind = secretKindEndingAt(text, end - 1);
  const start = endOf(text, end, BETWEEN);
  if (kind === null || start === end) return null;
  const name = startOf(text, at, NAME, 80);
  const set = startOf(text, name, BETWEEN, 20);
  if (set === name || !/(?:^|[^\w.-])set$/.test(text.slice(Math.max(0, set - 4), set))) return null;
  const span = { start, end: endOf(text, start, UNQUOTED), kind };
  // Not `set gateway.auth.token to match`.
  return /[^a-z$]|.{12}/.test(text.slice(start, span.end)) ? span : null;
}

function userAt(text: string, at: number): SecretSpan | null {
  const from = endOf(text, text.indexOf(" ", at), SPACE);
  const open = isQuote(text[from]) ? from + 1 : from;
  const end = endOf(text, open, UNQUOTED);
  const colon = text.slice(open, end).indexOf(":");
  return colon < 1 || open + colon + 1 === end
    ? null
    : { start: open + colon + 1, end, kind: "password" };
}

const CODE = /^%(?:25)*([0-9a-f]{2})/i;
const CODES_BEFORE = /(?:%(?:25){0,6}(?:22|27|5d|5c|20)){1,3}$/i;
const CODES_AFTER = /^(?:%(?:25){0,6}(?:22|27|5c|20)|\+){1,6}/i;
const ENCODED_VALUE = characterClass(/[\w.~+*!()/:-]/);

/** `name%3Dvalue`, `%22name%22%3A%22value%22`: in a URL within another, or JSON in one. */
export function encodedAt(text: string, at: number): SecretSpan | null {
  const code = CODE.exec(text.slice(at, at + 20));
  if (code === null || !/^3[ad]$/i.test(code[1] ?? "")) return null;
  const before = text.slice(Math.max(0, at - 60), at);
  const quotes = CODES_BEFORE.exec(before)?.[0].length ?? 0;
  const kind = secretKindEndingAt(text, at - quotes - 1);
  if (kind === null) return null;
  const from = at + code[0].length;
  const start = from + (CODES_AFTER.exec(text.slice(from, from + 80))?.[0].length ?? 0);
  let end = endOf(text, start, ENCODED_VALUE);
  while (text[end] === "%") {
    const inner = CODE.exec(text.slice(end, end + 20));
    if (inner === null || /^2[0-3678c]$|^7d$|^5d$/i.test(inner[1] ?? "")) break;
    end = endOf(text, end + inner[0].length, ENCODED_VALUE);
  }
  return end > start ? { start, end, kind } : null;
}

function isQuote(character: string | undefined): boolean {
  return character === '"' || character === "'" || character === "`";
}
