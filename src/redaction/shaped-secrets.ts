import { isUtf8 } from "node:buffer";
import { looksRandom } from "../gateway/secret-values.ts";
import { TOKEN_SHAPES, type TokenShape } from "../gateway/token-shapes.ts";
import { DIGIT, SPACE, TOKEN_BODIES, WORD, characterClass, endOf, startOf } from "./characters.ts";
import type { SecretSpan } from "./find-secrets.ts";

/** In place of a character, for a prefix that begins with the one that is searched for. */
const ANY_BEFORE = 128;

/** The rarest first, as they come in JSON and prose: one character of each prefix is searched for. */
const BY_RARITY = "_@=-.:/AJKGV";

type Prefix = TokenShape & {
  /** Where the character that is searched for stands in the prefix. */
  readonly offset: number;
};

/** Shapes whose prefixes have no rare character; they are found in long runs of letters and digits. */
const PLAIN_SHAPES: TokenShape[] = [];

/** Shapes by the character that is searched for, then by the code of the one before it. */
const SHAPES = new Map<string, (readonly Prefix[] | undefined)[]>();
for (const shape of TOKEN_SHAPES) {
  const sign = BY_RARITY.split("").find((one) => shape.prefix.includes(one));
  if (sign === undefined) {
    PLAIN_SHAPES.push(shape);
    continue;
  }
  const offset = shape.prefix.lastIndexOf(sign);
  const before = offset === 0 ? ANY_BEFORE : shape.prefix.charCodeAt(offset - 1);
  const prefixes = SHAPES.get(sign) ?? [];
  prefixes[before] = [...(prefixes[before] ?? []), { ...shape, offset }];
  SHAPES.set(sign, prefixes);
}

/** The characters that prefixes of tokens are searched by. */
export const PREFIX_SIGNS: readonly string[] = [...SHAPES.keys()];

const BY_SIGN: (readonly (readonly Prefix[] | undefined)[] | undefined)[] = [];
for (const [sign, prefixes] of SHAPES) BY_SIGN[sign.charCodeAt(0)] = prefixes;

/** A vendor's token, around the character that its prefix is searched by. */
export function prefixedTokenAt(text: string, at: number): SecretSpan | null {
  const byBefore = BY_SIGN[text.charCodeAt(at)];
  const prefixes = byBefore?.[text.charCodeAt(at - 1)] ?? byBefore?.[ANY_BEFORE];
  if (prefixes === undefined) return null;
  for (const { prefix, offset, body, min, isShort } of prefixes) {
    const start = at - offset;
    if (start < 0 || !text.startsWith(prefix, start)) continue;
    if (isShort && !isWordStart(text, start)) continue;
    const from = start + prefix.length;
    if (isShort && !/\d/.test(text.slice(from, from + 40))) continue;
    const end = endOf(text, from, TOKEN_BODIES[body]);
    if (end - from < min) continue;
    if (isShort && !/\d/.test(text.slice(from, Math.min(end, from + 40)))) continue;
    return { start: body === "path" || body === "segment" ? from : start, end, kind: "token" };
  }
  return null;
}

/** True where no letter, digit, `_` or `-` stands before, but for those of an escape: `\nsk-…`, `%3Dsk-…`. */
function isWordStart(text: string, start: number): boolean {
  if (WORD[text.charCodeAt(start - 1)] !== 1) return true;
  return (
    text[start - 2] === "\\" || /%[\da-f]{2}$/i.test(text.slice(Math.max(0, start - 3), start))
  );
}

/** JSON Web Tokens (RFC 7519): three parts, of which the first begins as `{"` does in base64. */
export function webTokenAt(text: string, at: number): SecretSpan | null {
  const start = at - 2;
  if (!text.startsWith("ey", start) || !isWordStart(text, start)) return null;
  const header = endOf(text, start, WORD);
  if (header - start < 11 || text[header] !== ".") return null;
  const payload = endOf(text, header + 1, WORD);
  if (payload - header < 9 || text[payload] !== ".") return null;
  return { start, end: endOf(text, payload + 1, WORD), kind: "token" };
}

const KEY_LABEL = /^-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/;

/** A private key in its armour (RFC 7468), up to its end or that of the text. */
export function privateKeyAt(text: string, at: number): SecretSpan | null {
  if (text[at + 1] !== "-" || text[at - 1] === "-") return null;
  if (!text.startsWith("-----BEGIN ", at)) return null;
  if (!KEY_LABEL.test(text.slice(at, at + 80))) return null;
  const armour = text.indexOf("-----END ", at);
  const close = armour < 0 ? -1 : text.indexOf("-----", armour + 9);
  return { start: at, end: close < 0 ? text.length : close + 5, kind: "privatekey" };
}

const IN_URL = characterClass(/[^\s"'@\\]/);

/** `//user:password@host`, and `://token@host`. The password may hold a slash, but no port and path are one. */
export function passwordInUrlAt(text: string, at: number): SecretSpan | null {
  const before = startOf(text, at, IN_URL, text.length);
  const slashes = text.slice(before, at).lastIndexOf("//");
  if (slashes < 0) return null;
  const start = before + slashes + 2;
  const [user = "", ...rest] = text.slice(start, at).split(":");
  if (user.includes("/")) return null;
  const password = rest.join(":");
  if (password !== "") {
    const isPort = /^\d{1,5}\//.test(password);
    return isPort ? null : { start: at - password.length, end: at, kind: "password" };
  }
  if (text[start - 3] !== ":") return null;
  const isToken = at - start >= 20 && looksRandom(text.slice(start, start + 200));
  return isToken ? { start, end: at, kind: "token" } : null;
}

const CREDENTIALS = characterClass(/[\w.~+/=-]/);

/** `Bearer …` and `Basic …`, as in headers. */
export function schemeAt(text: string, at: number): SecretSpan | null {
  // Of all words with a b, few go on so; this is asked for each.
  const second = text.charCodeAt(at + 1) | 0x20;
  const third = text.charCodeAt(at + 2) | 0x20;
  if (!(second === 0x65 && third === 0x61) && !(second === 0x61 && third === 0x73)) return null;
  const scheme = /^(?:bearer|basic)(?=\s|%20|\+)/i.exec(text.slice(at, at + 10))?.[0];
  if (scheme === undefined || !isWordStart(text, at)) return null;
  let start = endOf(text, at + scheme.length, SPACE);
  if (text.startsWith("%20", start)) start += 3;
  else if (text[start] === "+") start += 1;
  const end = endOf(text, start, CREDENTIALS);
  return end - start >= 6 && looksRandom(text.slice(start, Math.min(end, start + 200)))
    ? { start, end, kind: "token" }
    : null;
}

/** `123456789:AA…`, a token of Telegram's bots; the colon may be percent-encoded. */
export function botTokenAt(text: string, at: number): SecretSpan | null {
  const colon = text[at] === ":" ? at : /^%3a/i.test(text.slice(at, at + 3)) ? at + 2 : -1;
  if (colon < 0) return null;
  if (DIGIT[text.charCodeAt(at - 1)] !== 1) return null;
  const start = startOf(text, at, DIGIT, 20);
  if (at - start < 6) return null;
  const end = endOf(text, colon + 1, WORD);
  const length = end - colon;
  const isToken = length > 20 && length < 80 && /[A-Za-z]/.test(text.slice(colon + 1, end));
  return isToken ? { start, end, kind: "token" } : null;
}

/** Three parts of such lengths, as Discord's bots have them. */
export function discordTokenAt(text: string, at: number): SecretSpan | null {
  if (text[at + 7] !== "." && text[at + 8] !== ".") return null;
  const start = startOf(text, at, WORD, 30);
  if (at - start < 23 || at - start > 28) return null;
  const middle = endOf(text, at + 1, WORD);
  if (middle - at - 1 < 6 || middle - at - 1 > 7 || text[middle] !== ".") return null;
  const end = endOf(text, middle + 1, WORD);
  return end - middle - 1 >= 27 ? { start, end, kind: "token" } : null;
}

const LONG_RUN = characterClass(/[A-Za-z0-9/+=]/);
const SHORTEST_RUN = 36;
const AWS_SECRET_LENGTH = 40;

/**
 * Secrets without a character that is rare: those of AWS keys, forty characters of base64, and Databricks' tokens. Both are long runs of
 * letters and digits. Only where one can end is looked at, so this leaps over most of a text.
 */
export function secretsInLongRuns(text: string): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (let at = SHORTEST_RUN - 1; at < text.length;) {
    let before = at;
    while (before > at - SHORTEST_RUN && LONG_RUN[text.charCodeAt(before)] === 1) before -= 1;
    if (before > at - SHORTEST_RUN) {
      at = before + SHORTEST_RUN;
      continue;
    }
    const start = startOf(text, at, LONG_RUN, text.length);
    const end = endOf(text, at, LONG_RUN);
    const span = secretInRun(text, start, end);
    if (span !== null) spans.push(span);
    at = end + SHORTEST_RUN;
  }
  return spans;
}

function secretInRun(text: string, start: number, end: number): SecretSpan | null {
  if (end - start === AWS_SECRET_LENGTH && isAwsSecret(text, start, end))
    return { start, end, kind: "secretkey" };
  const run = text.slice(start, end);
  for (const { prefix, min, body } of PLAIN_SHAPES) {
    const at = run.indexOf(prefix);
    if (at < 0 || run.length - at - prefix.length < min) continue;
    return { start: start + at, end: endOf(text, end, TOKEN_BODIES[body]), kind: "token" };
  }
  return null;
}

function isAwsSecret(text: string, start: number, end: number): boolean {
  if (WORD[text.charCodeAt(start - 1)] === 1 || WORD[text.charCodeAt(end)] === 1) return false;
  if (text.startsWith(";base64,", start - 8)) return false;
  const secret = text.slice(start, end);
  const isMixed = /\d/.test(secret) && /[A-Z]/.test(secret) && /[a-z]/.test(secret);
  // Text in base64 is none.
  return isMixed && /[g-z]/i.test(secret) && !isUtf8(Buffer.from(secret, "base64"));
}

/** `abcd-efgh-ijkl-mnop`, as Apple makes them, and no four words. */
export function appPasswordAt(text: string, at: number): SecretSpan | null {
  if (text[at + 5] !== "-" || text[at + 10] !== "-") return null;
  const [start, end] = [at - 4, at + 15];
  const password = text.slice(start, end);
  if (!/^[a-z]{4}(?:-[a-z]{4}){3}$/.test(password) || !/[^aeiouy-]{3}/.test(password)) return null;
  const isWhole = isWordStart(text, start) && WORD[text.charCodeAt(end)] !== 1;
  return isWhole ? { start, end, kind: "password" } : null;
}
