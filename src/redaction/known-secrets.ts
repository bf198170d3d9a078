import { createHmac } from "node:crypto";
import { isWorthRemembering, looksRandom } from "../gateway/secret-values.ts";
import { KnownValues } from "./known-values.ts";

/** Of secrets that were seen in passing, between so many and twice as many are remembered. */
const MAX_PASSING = 4096;
/** Of those that clients and Gateways identify themselves by: more than any recording has, and few enough for the memory. */
const MAX_LASTING = 20_000;
/** New ones that one message may teach: a hostile one has millions. Each is taken out where it stands, all the same. */
const MAX_PER_MESSAGE = 1024;

/**
 * Where a secret is from: `handshake`, by which somebody identifies themselves; `place`, which is named as one; `text`, which only looks
 * like one.
 */
export type SecretSource = "handshake" | "place" | "text";

/** What stands in place of a secret; equal secrets get equal placeholders under the same salt. */
function placeholderFor(secret: string, kind: string, salt: Uint8Array): string {
  const digest = createHmac("sha256", salt).update(secret).digest("hex").slice(0, 8);
  return `<redacted:${kind}:${digest}>`;
}

/**
 * The secrets that were seen anywhere in a recording, and those that were known before it began. Credentials of handshakes are not
 * forgotten; of the others, those that were not seen for longest.
 */
export class KnownSecrets {
  readonly #salt: Uint8Array;
  readonly #lasting = new Map<string, string>();
  #recent = new Map<string, string>();
  #older = new Map<string, string>();
  #values = new KnownValues();
  #isNew = MAX_PER_MESSAGE;

  constructor(salt: Uint8Array, secrets: ReadonlyMap<string, string>) {
    this.#salt = salt;
    for (const [secret, kind] of secrets) this.take(secret, kind, "handshake");
    this.beginMessage();
  }

  /** To be called before each message, which may teach so many secrets and no more. */
  beginMessage(): void {
    this.#isNew = MAX_PER_MESSAGE;
  }

  /** Remembers a secret, where that is of use, and returns its placeholder. */
  take(secret: string, kind: string, source: SecretSource): string {
    const known = this.#lasting.get(secret) ?? this.#recent.get(secret) ?? this.#older.get(secret);
    const placeholder = known ?? placeholderFor(secret, kind, this.#salt);
    if (source === "text" && known === undefined && !looksRandom(secret)) return placeholder;
    if (isWorthRemembering(secret))
      this.#remember(secret, placeholder, source, known === undefined);
    return placeholder;
  }

  /** The text without any of the secrets, however they are spelled or encoded; the same text when there are none. */
  remove(text: string): string {
    return this.#values.replace(text);
  }

  #remember(secret: string, placeholder: string, source: SecretSource, isNew: boolean): void {
    if (this.#lasting.has(secret)) return;
    if (isNew) {
      if (this.#isNew === 0) return;
      this.#isNew -= 1;
      this.#values.add(secret, placeholder, true);
    }
    if (source === "handshake" && this.#lasting.size < MAX_LASTING) {
      this.#lasting.set(secret, placeholder);
      return;
    }
    this.#recent.set(secret, placeholder);
    if (this.#recent.size >= MAX_PASSING) this.#forgetOldest();
  }

  #forgetOldest(): void {
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#values = new KnownValues();
    for (const known of [this.#lasting, this.#older]) {
      for (const [secret, placeholder] of known) this.#values.add(secret, placeholder, true);
    }
  }
}
