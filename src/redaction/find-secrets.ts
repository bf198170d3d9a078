import {
  isLetterByNumberAt,
  isPartNameAt,
  isListedFlagAt,
  isSecretKeyAt,
  isSecretMethodAt,
} from "./json-secrets.ts";
import { assignedAt, encodedAt, flagAt, setAt } from "./named-secrets.ts";
import {
  appPasswordAt,
  botTokenAt,
  discordTokenAt,
  passwordInUrlAt,
  prefixedTokenAt,
  PREFIX_SIGNS,
  privateKeyAt,
  schemeAt,
  secretsInLongRuns,
  webTokenAt,
} from "./shaped-secrets.ts";

/** A secret that stands in a text, and its kind. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** Around one of these characters every secret is found. They are rare in prose, and all of a text is searched for each. */
const SIGNS: readonly string[] = [...new Set([...":=-.%@JBb".split(""), ...PREFIX_SIGNS])];

/** A letter that JSON spells as a number. */
const LETTER_BY_NUMBER = "\\u00";

/** Everything in a text that looks like a secret by its shape or by the name before it, from left to right; some may overlap. */
export function findSecrets(text: string): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const sign of SIGNS) {
    for (let at = text.indexOf(sign); at >= 0;) {
      const span = secretAt(text, at);
      if (span !== null) spans.push(span);
      // What was found is not looked into again, so that the work grows with the text alone.
      at = text.indexOf(sign, Math.max(at + 1, span?.end ?? 0));
    }
  }
  return [...spans, ...secretsInLongRuns(text)].toSorted(
    (left, right) => left.start - right.start || right.end - left.end,
  );
}

/** False when a JSON text certainly holds no secret that `findSecrets` finds in one of its strings, or that stands at a secret place. */
export function mayHoldSecret(json: string): boolean {
  for (const sign of SIGNS) {
    for (let at = json.indexOf(sign); at >= 0; at = json.indexOf(sign, at + 1)) {
      if (mayBeSecretAt(json, at)) return true;
    }
  }
  let at = json.indexOf(LETTER_BY_NUMBER);
  while (at >= 0 && !isLetterByNumberAt(json, at)) at = json.indexOf(LETTER_BY_NUMBER, at + 1);
  return at >= 0 || secretsInLongRuns(json).length > 0;
}

function secretAt(text: string, at: number): SecretSpan | null {
  switch (text.charCodeAt(at)) {
    case 0x3a: // :
      return botTokenAt(text, at) ?? assignedAt(text, at);
    case 0x3d: // =
      return prefixedTokenAt(text, at) ?? assignedAt(text, at);
    case 0x2d: // -
      return (
        prefixedTokenAt(text, at) ??
        privateKeyAt(text, at) ??
        flagAt(text, at) ??
        appPasswordAt(text, at)
      );
    case 0x2e: // .
      return prefixedTokenAt(text, at) ?? discordTokenAt(text, at) ?? setAt(text, at);
    case 0x25: // %
      return botTokenAt(text, at) ?? encodedAt(text, at);
    case 0x40: // @
      return passwordInUrlAt(text, at);
    case 0x4a: // J
      return webTokenAt(text, at);
    case 0x42: // B
    case 0x62: // b
      return schemeAt(text, at);
    default:
      return prefixedTokenAt(text, at);
  }
}

function mayBeSecretAt(json: string, at: number): boolean {
  switch (json.charCodeAt(at)) {
    case 0x3a: // :
      // Nearly every colon ends a key.
      if (json.charCodeAt(at - 1) === 0x22) return isSecretKeyAt(json, at);
      return isSecretKeyAt(json, at) || secretAt(json, at) !== null;
    case 0x2e: // .
      return isSecretMethodAt(json, at) || secretAt(json, at) !== null;
    case 0x3d: // =
      return isPartNameAt(json, at) || secretAt(json, at) !== null;
    case 0x2d: // -
      return isListedFlagAt(json, at) || secretAt(json, at) !== null;
    default:
      return secretAt(json, at) !== null;
  }
}
