/** Said by the Gateway itself in place of a secret that it keeps to itself. */
const GATEWAY_PLACEHOLDER = "__OPENCLAW_REDACTED__";

/** False for what stands where a secret would, but is none: nothing, or what says that it was taken out before. */
export function isSecretValue(value: string): boolean {
  return (
    value !== "" &&
    value !== GATEWAY_PLACEHOLDER &&
    !/^(?:\*+|<redacted:[a-z]+:[0-9a-f]{8}>)$/.test(value)
  );
}

/** Of these words frames are made; a client that names one as its secret must not make others' frames unreadable. */
const PROTOCOL_WORDS: ReadonlySet<string> = new Set(
  (
    "accepted admin agent approvals args assistant auth authorization backend bootstrap bootstraptoken caps chat client code commands " +
    "config connect connection content cookie credential data delta details device deviceid devicetoken display displayname error event " +
    "events false features final gateway health hello id instance kind limit list main max message messages method methods min mode model " +
    "name node nonce not null ok openclaw operator pairing params password path payload phase platform policy presence protocol proxy " +
    "public read reason redacted req request res result retry role role run runid runs scope scopes secret secrets send seq server " +
    "session sessionkey sessions signature signed state status stream system talk text tick token tool trusted true ts type unknown usage " +
    "user value version wait write"
  ).split(" "),
);

const MIN_REMEMBERED = 6;
/** A longer secret is taken out where it stands, and known by its looks elsewhere, as keys and web tokens are. */
const MAX_REMEMBERED = 2048;

/** False for a secret so short, so long, or so much made of words of the protocol that replacing it wherever it occurs would do harm. */
export function isWorthRemembering(secret: string): boolean {
  if (secret.length < MIN_REMEMBERED || secret.length > MAX_REMEMBERED) return false;
  const words = secret.match(/[A-Za-z]{1,20}/g) ?? [];
  const isOfProtocol = words.every((word) => PROTOCOL_WORDS.has(word.toLowerCase()));
  if (!isOfProtocol) return true;
  return !secret.includes('"') && (words.length === 0 || /\d|[^\p{ASCII}]/u.test(secret));
}

/**
 * True for a secret that can be told from everything else that is said, wherever it stands: neither a short word, a path or a
 * reference, nor what says that it was taken out.
 */
export function isUnmistakable(secret: string): boolean {
  const isWord = /^[a-z]{1,15}$/i.test(secret);
  const isElsewhere = /^(?:[~.$]|\/|file:)/.test(secret);
  return (
    secret.length >= 8 &&
    !isWord &&
    !isElsewhere &&
    isSecretValue(secret) &&
    isWorthRemembering(secret)
  );
}

/** True for what nobody writes as a word: without it, every sentence about a token would lose one. */
export function looksRandom(value: string): boolean {
  return value.length >= 20 || /\d/.test(value);
}
