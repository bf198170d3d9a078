import { parseJson } from "../gateway/parse-json.ts";
import {
  placeBelow,
  secretKindAt,
  secretKindOfNumberAt,
  WHOLE_FRAME,
  type Place,
} from "../gateway/secret-places.ts";
import { isSecretValue, isWorthRemembering } from "../gateway/secret-values.ts";
import { isStandIn } from "../gateway/stand-ins.ts";
import { isTimeField } from "../gateway/volatile.ts";
import { removeCredential } from "../redaction/header-secrets.ts";
import { KnownValues } from "../redaction/known-values.ts";
import { removeLooseSecrets } from "../redaction/remove-secrets.ts";
import { rewriteJson, type JsonPath } from "../redaction/rewrite-json.ts";
import { CutCredentials } from "./cut-credentials.ts";
import { cleanEncoded } from "./encodings.ts";
import { identifierKindAt, numberKindAt } from "./identifier-names.ts";
import { Additions, type ScrubPolicy } from "./policy.ts";
import { outsideStandIns, removeShapes } from "./shapes.ts";
import { StandInBook } from "./stand-in-book.ts";
import {
  isCarried,
  isCommonWord,
  isFieldName,
  isProtocolPlace,
  isTrivial,
  isVocabulary,
  keepWords,
} from "./vocabulary.ts";

/** Codes in codes …: what is encoded more often is taken out as a whole. JSON in JSON grows too fast to need a bound. */
const MAX_NESTING = 6;

const MAX_ROUNDS = 4;
const MAX_REMEMBERED = 20_000;
const MAX_REMEMBERED_CHARACTERS = 1024;

/** Where a value of a frame stands, and in how many strings of JSON that is. */
interface Where {
  readonly path: JsonPath;
  readonly place: Place;
  readonly method: string | null;
  readonly nesting: number;
}

/** Told of each place at which something was taken out. */
export type PlaceListener = (path: JsonPath) => void;

/**
 * Takes out of texts and JSON what a policy says. It learns from all that it sees, so that what is named as an identifier at
 * one place is found in prose at another; show it everything once before its results count.
 */
export class TextScrubber {
  readonly #policy: ScrubPolicy;
  readonly #book: StandInBook;
  readonly #known = new KnownValues();
  readonly #cut = new CutCredentials();
  readonly #additions: Additions;
  #learning = true;
  /** Gateways say the same texts again and again. */
  readonly #cleaned = new Map<string, string>();

  constructor(policy: ScrubPolicy) {
    this.#policy = policy;
    this.#book = new StandInBook(policy.salt);
    this.#additions = new Additions(policy);
    for (const [secret, kind] of policy.secrets ?? []) this.takeCredential(secret, kind);
    for (const value of policy.values) {
      this.#remember(value, this.#book.standInFor(value, "custom"));
    }
  }

  /** A whole message: a frame, or any other text. `method` is the request's, also for its response; null when not known. */
  scrubMessage(text: string, method: string | null, told: PlaceListener): string {
    if (isJsonText(text)) return this.#rewrite(text, method, 0, told);
    return this.scrubText(text, [], told);
  }

  /** A text that is content as a whole. */
  scrubText(text: string, path: JsonPath, told: PlaceListener): string {
    const cleaned = this.clean(text);
    const scrubbed = this.#isContent && !isStandIn(text) ? this.#book.contentFor(text) : cleaned;
    if (scrubbed !== text) told(path);
    return scrubbed;
  }

  /** A sentence that a Gateway, or gw-trace, says in words of its own. */
  scrubSentence(text: string): string {
    const cleaned = this.clean(text);
    return this.#isContent ? keepWords(cleaned, (word) => this.#book.contentFor(word)) : cleaned;
  }

  /** A value with a name, such as a header of HTTP or a part of a query. */
  scrubNamed(name: string, value: string): string {
    const place = placeBelow(WHOLE_FRAME, name);
    return this.#valueAt({ path: [name], place, method: null, nesting: 1 }, value);
  }

  /** A text without what the policy takes out by name, by looks, or because it is known. Content stays. */
  clean(text: string, nesting = 0): string {
    if (text === "" || isStandIn(text)) return text;
    const remembered = this.#cleaned.get(text);
    if (remembered !== undefined) return remembered;
    let cleaned = this.#clean(text, nesting);
    // What was taken out may uncover a shape beside it; the result has to be one that stays as it is.
    for (let again = 1, before = text; cleaned !== before && again < MAX_ROUNDS; again += 1) {
      before = cleaned;
      cleaned = this.#clean(before, nesting);
    }
    if (text.length <= MAX_REMEMBERED_CHARACTERS) {
      if (this.#cleaned.size >= MAX_REMEMBERED) this.#cleaned.clear();
      this.#cleaned.set(text, cleaned);
    }
    return cleaned;
  }

  /** Ends the learning: forgets what texts came to, since more is known now. */
  startAgain(): void {
    this.#learning = false;
    this.#cleaned.clear();
  }

  #clean(text: string, nesting: number): string {
    if (isJsonText(text)) return this.#rewrite(text, null, nesting, () => undefined);
    let left = removeLooseSecrets(text, {
      named: this.takeCredential,
      seen: this.takeCredential,
      clean: (part) => this.clean(part, nesting + 1),
    });
    left = outsideStandIns(left, (part) =>
      cleanEncoded(part, (decoded) =>
        nesting < MAX_NESTING
          ? this.clean(decoded, nesting + 1)
          : this.#book.standInFor(decoded, "encoded"),
      ),
    );
    if (this.#policy.level !== "credentials") left = removeShapes(left, this.takeIdentifier);
    return outsideStandIns(left, (part) => this.#cut.remove(this.#known.replace(part)));
  }

  /** Gives the stand-in of a credential, and remembers it. */
  readonly takeCredential = (secret: string, kind: string): string => {
    if (!isSecretValue(secret) || isStandIn(secret)) return secret;
    const standIn = this.#book.standInFor(secret, kind);
    if (isWorthRemembering(secret)) this.#remember(secret, standIn);
    return standIn;
  };

  #remember(secret: string, standIn: string): void {
    this.#known.add(secret, standIn, true);
    this.#cut.add(secret, standIn);
  }

  /** Gives the stand-in of an identifier, and remembers it where finding it elsewhere would not garble the protocol. */
  readonly takeIdentifier = (value: string, kind: string): string => {
    if (isStandIn(value) || isTrivial(value)) return value;
    const standIn = this.#book.standInFor(value, kind);
    if (!isCommonWord(value)) this.#known.add(value, standIn, false);
    return standIn;
  };

  get #isContent(): boolean {
    return this.#policy.level === "content";
  }

  #rewrite(text: string, method: string | null, nesting: number, told: PlaceListener): string {
    const changed = <T extends string | number>(path: JsonPath, before: string, after: T) => {
      if (after === before) return null;
      told(path);
      return after;
    };
    return rewriteJson(text, {
      key: (path, key) => changed([...path, key], key, this.#keyAt(path, key, nesting)),
      string: (path, value, place) =>
        changed(path, value, this.#valueAt({ path, place, method, nesting }, value)),
      number: (path, digits, place) => changed(path, digits, this.#numberAt(path, digits, place)),
    });
  }

  #keyAt(path: JsonPath, key: string, nesting: number): string {
    const cleaned = this.clean(key, nesting);
    const stays = !this.#isContent || isStandIn(cleaned) || isFieldName(path, cleaned);
    return stays ? cleaned : this.#book.contentFor(key);
  }

  // As with texts: what is left after one round may be what the next takes out.
  #valueAt(where: Where, value: string): string {
    let scrubbed = value;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const before = scrubbed;
      scrubbed = this.#valueOnce(where, before);
      if (scrubbed === before) break;
    }
    return scrubbed;
  }

  #valueOnce({ path, place, method, nesting }: Where, value: string): string {
    if (value === "" || isStandIn(value)) return value;
    if (this.#additions.names(path)) return this.#book.standInFor(value, "custom");
    const secret = secretKindAt(place, method);
    if (secret !== null && isSecretValue(value)) {
      return removeCredential(secret, value, this.takeCredential);
    }
    if (this.#policy.level === "credentials") return this.clean(value, nesting);
    if (isProtocolPlace(path, value)) return value;
    const kind = identifierKindAt(path, value);
    if (kind !== null && !isAddress(kind, value)) return this.takeIdentifier(value, kind);
    const isContent = this.#isContent && kind === null && !isVocabulary(path, value);
    if (!isContent) return this.clean(value, nesting);
    if (isSentenceAt(path)) return this.scrubSentence(value);
    if (this.#learning) this.clean(value, nesting);
    return this.#book.contentFor(value);
  }

  #numberAt(path: JsonPath, digits: string, place: Place): string | number {
    if (this.#additions.names(path)) return this.#book.standInFor(digits, "custom");
    const secret = secretKindOfNumberAt(place, digits);
    if (secret !== null) return this.takeCredential(digits, secret);
    if (this.#policy.level === "credentials") return digits;
    const kind = numberKindAt(path, digits);
    if (kind !== null) return this.takeIdentifier(digits, kind);
    const key = path.findLast((step) => typeof step === "string");
    const isMoment = typeof key === "string" && isTimeField(key);
    if (!this.#isContent || !isCarried(path) || isMoment || digits === "0") return digits;
    // What a client asked has to be told from other requests; what it was answered has to be a number still.
    return path[0] === "params" ? this.#book.contentFor(digits) : 0;
  }
}

function isSentenceAt(path: JsonPath): boolean {
  return path.length === 2 && path[0] === "error" && path[1] === "message";
}

/** Addresses go by their looks: some are nobody's, and a port may follow. */
function isAddress(kind: string, value: string): boolean {
  if ((kind !== "ip" && kind !== "host") || value.length > 64) return false;
  return /^[[\]0-9a-f.:]+$/i.test(value) && /[.:]/.test(value);
}

function isJsonText(text: string): boolean {
  return /^\s*[[{"]/.test(text) && parseJson(text) !== undefined;
}
