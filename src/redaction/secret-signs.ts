import { SECRET_NAMES } from "../gateway/secrets.ts";

/*
 * What announces a credential is one of these, letter case aside where it says `i`:
 *
 *   NAME\s*=   NAME\s*:\s*\S   NAME\\*["']\s*:\s*\\*["'{[]   a secret name before a value that can be text          i
 *   "bearer "  "basic "  "private key-"                      what announces one in prose                            i
 *   \bsk-  \beyJ  /cap/  ://[^\s"'/@]*@                      values that need no name: keys, tokens, URLs
 *   uth\\*"\s*:   config.   ecrets.                          places where any name may hold one
 *
 * Each has a character that is rare in prose. To find these with `indexOf` and to look around them costs a tenth of what the
 * regular expression costs, and this is asked for every message.
 */

/** False when a text certainly holds nothing that `secretKindAt` or a pattern would find. */
export function mayHoldSecret(text: string): boolean {
  return (
    hasSign(text, ":", isSecretBeforeColon) ||
    hasSign(text, "=", isSecretBeforeEquals) ||
    hasSign(text, "-", isKeyBeforeDash) ||
    hasSign(text, ".", isPlaceBeforeDot) ||
    hasSign(text, "b", isScheme) ||
    hasSign(text, "B", isScheme) ||
    hasSign(text, "J", isTokenStart) ||
    hasSign(text, "@", isUserInfo) ||
    text.includes("/cap/")
  );
}

type Check = (text: string, at: number) => boolean;

function hasSign(text: string, sign: string, isOne: Check): boolean {
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
    if (isOne(text, at)) return true;
  }
  return false;
}

function isSecretBeforeEquals(text: string, at: number): boolean {
  return endsName(text, skipSpaceBack(text, at - 1));
}

function isPlaceBeforeDot(text: string, at: number): boolean {
  return endsWith(text, at, "config") || endsWith(text, at, "ecrets");
}

function isTokenStart(text: string, at: number): boolean {
  return endsWith(text, at, "ey") && !isWordAt(text, at - 3);
}

function isSecretBeforeColon(text: string, colon: number): boolean {
  const last = skipSpaceBack(text, colon - 1);
  const quote = text.charCodeAt(last);
  if (quote !== DOUBLE_QUOTE && quote !== SINGLE_QUOTE) {
    return endsName(text, last) && skipSpace(text, colon + 1) < text.length;
  }
  let end = last - 1;
  while (text.charCodeAt(end) === BACKSLASH) end -= 1;
  if (quote === DOUBLE_QUOTE && endsWith(text, end + 1, "uth")) return true;
  return endsName(text, end) && isTextOrMore(text, colon + 1);
}

/** False for a number, a flag and null, which are no secrets. */
function isTextOrMore(text: string, start: number): boolean {
  let at = skipSpace(text, start);
  while (text.charCodeAt(at) === BACKSLASH) at += 1;
  return "\"'{[".includes(text.charAt(at) || " ");
}

function isKeyBeforeDash(text: string, dash: number): boolean {
  switch (text.charCodeAt(dash - 1)) {
    case 0x6b:
      return text.charCodeAt(dash - 2) === 0x73 && !isWordAt(text, dash - 3);
    case 0x59:
    case 0x79:
      return text.slice(Math.max(0, dash - 11), dash).toLowerCase() === "private key";
    default:
      return false;
  }
}

function isScheme(text: string, at: number): boolean {
  // Of all words with a b, few go on so.
  const second = text.charCodeAt(at + 1) | LOWER_CASE;
  const third = text.charCodeAt(at + 2) | LOWER_CASE;
  if (second === 0x61 && third === 0x73) return text.slice(at, at + 6).toLowerCase() === "basic ";
  if (second !== 0x65 || third !== 0x61) return false;
  return text.slice(at, at + 7).toLowerCase() === "bearer ";
}

function isUserInfo(text: string, sign: number): boolean {
  let at = sign - 1;
  while (at >= 0 && !STOPS_USER_INFO.test(text.charAt(at))) at -= 1;
  return endsWith(text, at + 1, "://");
}

const STOPS_USER_INFO = /[\s"'/@]/;

const NAME_AT_END = new RegExp(`(?:${SECRET_NAMES})$`, "i");
const LONGEST_NAME = "encryption_keys".length;

/** How secret names end, but for the `s` of the plural; few other names do. */
const ENDINGS: ReadonlySet<number> = new Set(
  ["en", "et", "rd", "wd", "se", "de", "ey", "on", "ie", "re", "al", "er"].map(
    (ending) => (ending.charCodeAt(0) << 8) | ending.charCodeAt(1),
  ),
);

/** True when the character at `last` is the last of a secret name. */
function endsName(text: string, last: number): boolean {
  const isPlural = (text.charCodeAt(last) | LOWER_CASE) === 0x73;
  const end = isPlural ? last - 1 : last;
  const before = text.charCodeAt(end - 1) | LOWER_CASE;
  if (!ENDINGS.has((before << 8) | text.charCodeAt(end) | LOWER_CASE)) return false;
  return NAME_AT_END.test(text.slice(Math.max(0, last + 1 - LONGEST_NAME), last + 1));
}

function endsWith(text: string, end: number, word: string): boolean {
  return text.startsWith(word, end - word.length) && end >= word.length;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function skipSpaceBack(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at -= 1;
  return at;
}

/** As `\s` in a regular expression. */
function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 9 && code <= 13);
  return code >= 0xa0 && /\s/.test(String.fromCharCode(code));
}

function isWordAt(text: string, at: number): boolean {
  return at >= 0 && /\w/.test(text.charAt(at));
}

const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
/** Set in small letters, and not in large ones. */
const LOWER_CASE = 0x20;
