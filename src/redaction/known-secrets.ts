import { createHmac } from "node:crypto";
import { isWorthRemembering } from "../gateway/secrets.ts";

/** More than this many nobody has on one connection; the oldest is forgotten, so that the search stays fast. */
const MAX_SECRETS = 64;

/** A longer secret is searched for as it is and as JSON escapes it, not in every spelling there is. */
const MAX_PATTERN_CHARACTERS = 256;

interface KnownSecret {
  /** The secret as it is; a long one with its escaped forms, the longest first. */
  readonly literals: readonly string[];
  readonly placeholder: string;
  /** Finds the secret with its special characters escaped in any way; null when it has none. */
  readonly pattern: RegExp | null;
  /** The same with letters and digits as numbers too, as JSON allows; made when it is first needed. */
  numbered: RegExp | null;
}

/** What stands in place of a secret; equal secrets get equal placeholders under the same salt. */
export function placeholderFor(secret: string, kind: string, salt: Uint8Array): string {
  const digest = createHmac("sha256", salt).update(secret).digest("hex").slice(0, 8);
  return `<redacted:${kind}:${digest}>`;
}

/** The secrets that were seen on one connection. */
export class KnownSecrets {
  readonly #salt: Uint8Array;
  readonly #known = new Map<string, KnownSecret>();

  constructor(salt: Uint8Array) {
    this.#salt = salt;
  }

  /** Remembers a secret, where that is of use, and returns its placeholder. */
  take(secret: string, kind: string): string {
    const known = this.#known.get(secret);
    if (known !== undefined) return known.placeholder;
    const placeholder = placeholderFor(secret, kind, this.#salt);
    if (isWorthRemembering(secret)) this.#remember(secret, placeholder);
    return placeholder;
  }

  /** The text without any of the secrets, however they are escaped; the same text when there are none. */
  remove(text: string): string {
    let cleaned = text;
    const hasNumbers = text.includes("\\u00");
    for (const [secret, known] of this.#known) {
      for (const literal of known.literals) {
        if (cleaned.includes(literal)) cleaned = cleaned.replaceAll(literal, known.placeholder);
      }
      if (hasNumbers) known.numbered ??= spellings(secret, true);
      const spelled = hasNumbers ? known.numbered : known.pattern;
      if (spelled !== null) cleaned = cleaned.replaceAll(spelled, known.placeholder);
    }
    return cleaned;
  }

  #remember(secret: string, placeholder: string): void {
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MAX_SECRETS && !oldest.done) this.#known.delete(oldest.value);
    const isLong = secret.length > MAX_PATTERN_CHARACTERS;
    const literals = isLong ? escapedForms(secret) : [secret];
    const pattern = /^[\w-]*$/.test(secret) ? null : spellings(secret, false);
    this.#known.set(secret, { literals, placeholder, pattern, numbered: null });
  }
}

function escapedForms(secret: string): readonly string[] {
  const once = JSON.stringify(secret).slice(1, -1);
  const twice = JSON.stringify(once).slice(1, -1);
  return [...new Set([JSON.stringify(twice).slice(1, -1), twice, once, secret])];
}

/** Finds a secret in JSON, in JSON within JSON (more backslashes), and in URLs. */
function spellings(secret: string, lettersToo: boolean): RegExp | null {
  if (secret.length > MAX_PATTERN_CHARACTERS) return null;
  const characters = Array.from(secret);
  return new RegExp(characters.map((one) => spellingsOf(one, lettersToo)).join(""), "g");
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\b", "b"],
  ["\f", "f"],
  ["\n", "n"],
  ["\r", "r"],
  ["\t", "t"],
]);

function spellingsOf(character: string, lettersToo: boolean): string {
  const codes = character.split("").map(codeOf);
  const numbers = codes.map((code) => `\\\\+u${anyCase(code)}`).join("");
  if (/[\w-]/.test(character)) return lettersToo ? `(?:${character}|${numbers})` : character;
  const literal = codes.map((code) => `\\u${code}`).join("");
  const short = SHORT_ESCAPES.get(character);
  const all = [`\\\\*${literal}`, numbers];
  if (short !== undefined) all.push(`\\\\+${short}`);
  // Half of a surrogate pair has no UTF-8, so no URL can hold it.
  const percent = /^[\ud800-\udfff]$/.test(character) ? "" : encodeURIComponent(character);
  if (percent.startsWith("%")) all.push(anyCase(percent));
  return `(?:${all.join("|")})`;
}

function codeOf(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, "0");
}

function anyCase(hex: string): string {
  return hex.replaceAll(/[a-f]/gi, (digit) => `[${digit.toLowerCase()}${digit.toUpperCase()}]`);
}
