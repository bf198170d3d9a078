/*
 * Where the OpenClaw protocol carries credentials. It is a rule about names and places, not about values: a Gateway invents new
 * methods faster than anyone can list them, but it names what is secret. What is known by its looks is in token-shapes.ts.
 */

/** How names of secrets end, without what may stand between their words: `deviceToken`, `OPENAI_API_KEY`. */
export const SECRET_NAMES: readonly string[] = (
  "token secret password passwd passphrase passcode authorization cookie signature credential bearer mnemonic seedphrase " +
  "apikey privatekey secretkey accesskey encryptkey encryptionkey signingkey authkey clientkey accountkey masterkey sharedkey " +
  "storagekey hmackey deploykey sshkey privkey serverkey consumerkey licensekey subscriptionkey recoverykey gatewaykey servicekey hookkey " +
  "activekey accesskeyid keymaterial secretvalue secretinput serviceaccount serviceaccountref creds providerenv recoveryscope " +
  "setupcode pairingcode authcode authorizationcode recoverycode backupcode verificationcode accesscode securitycode " +
  "cardnumber connectionstring jwtassertion clientassertion"
).split(" ");

/** Names that are secret only as words of their own: `dbPass` and `pass`, but not `bypass`. */
export const SECRET_WORDS: readonly string[] = "jwt pass pwd psk pat otp pin cvc cvv".split(" ");

/** Names that are secret in a query string or a form, where they are shorter than elsewhere. */
const QUERY_NAMES: ReadonlySet<string> = new Set(["auth", "code", "key", "sig", "ticket", "sid"]);

/** Secrets that may be all digits. */
const NUMERIC_KINDS = /^(?:pass|pwd|pin|otp|cvc|cvv|cardnumber|.*code$)/;

const SMALL_A = 0x61;
const SMALL_S = 0x73;
const SMALL_Z = 0x7a;
/** Set in small letters, and not in large ones. */
const LOWER_CASE = 0x20;

/** A tree of the names, from their last letter to their first. */
interface Letter {
  readonly before: (Letter | undefined)[];
  name: string | null;
  isWord: boolean;
}

function createLetter(): Letter {
  return { before: Array.from({ length: 26 }, () => undefined), name: null, isWord: false };
}

const NAMES = createLetter();
for (const name of [...SECRET_NAMES, ...SECRET_WORDS]) {
  let letter = NAMES;
  for (let at = name.length - 1; at >= 0; at -= 1) {
    letter = letter.before[name.charCodeAt(at) - SMALL_A] ??= createLetter();
  }
  letter.name = name;
  letter.isWord = SECRET_WORDS.includes(name);
}

/**
 * The kind of credential, such as `token`, that a name stands for which ends with the character at `last` of a text; null when that
 * is no name of a secret.
 */
export function secretKindEndingAt(text: string, last: number): string | null {
  let end = last;
  // `API_KEY_2` and `tokens` are what `API_KEY` and `token` are.
  while (end > last - 4 && isDigit(text.charCodeAt(end))) end -= 1;
  if (end < last && isSeparator(text.charCodeAt(end))) end -= 1;
  const kind = kindEndingAt(text, end);
  if (kind !== null || (text.charCodeAt(end) | LOWER_CASE) !== SMALL_S) return kind;
  return kindEndingAt(text, end - 1);
}

function kindEndingAt(text: string, end: number): string | null {
  let letter = NAMES;
  for (let at = end; at >= 0; at -= 1) {
    if (at < end && isSeparator(text.charCodeAt(at))) at -= 1;
    const code = text.charCodeAt(at) | LOWER_CASE;
    const next = code >= SMALL_A && code <= SMALL_Z ? letter.before[code - SMALL_A] : undefined;
    if (next === undefined) return isKeyOfEnvironment(text, end) ? "key" : null;
    letter = next;
    if (letter.name !== null && (!letter.isWord || startsWord(text, at))) return letter.name;
  }
  return isKeyOfEnvironment(text, end) ? "key" : null;
}

/** `STRIPE_KEY`, as variables of environments are named; only there is a key most often secret. */
function isKeyOfEnvironment(text: string, end: number): boolean {
  if (text[end] !== "Y" || !text.startsWith("KEY", end - 2)) return false;
  const before = text[end - 3] ?? "";
  return before === "_" ? !text.startsWith("PUBLIC", end - 9) : !/[\w-]/.test(before);
}

function startsWord(text: string, start: number): boolean {
  const before = text.charCodeAt(start - 1);
  if (start === 0 || !isLetter(before | LOWER_CASE)) return true;
  // `\npass` in JSON, and `dbPass`.
  if (text[start - 2] === "\\") return true;
  const isUpper = (text.charCodeAt(start) & LOWER_CASE) === 0;
  return isUpper && (before & LOWER_CASE) !== 0;
}

function isLetter(code: number): boolean {
  return code >= SMALL_A && code <= SMALL_Z;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** What stands between the words of a name: `api_key`, `api-key`, `API key`. */
function isSeparator(code: number): boolean {
  return code === 0x5f || code === 0x2d || code === 0x20;
}

/** The kind of credential that something of this name holds; null when the name says nothing secret. */
export function secretKindOfName(name: string): string | null {
  return secretKindEndingAt(name, name.length - 1);
}

/** The same for the name of a part of a query string or a form: `key`, `user[password]`, `auth.token`. Some depend on the value. */
export function secretKindOfQueryName(name: string, value: string): string | null {
  const last = decodeQuery(name)
    .trim()
    .replaceAll(/\[\d*\]/g, "")
    .replace(/\]$|_[\da-f]{16,64}$/, "");
  const word = last.slice(Math.max(last.lastIndexOf("["), last.lastIndexOf(".")) + 1);
  if (word === "session") return isSessionToken(value) ? "token" : null;
  return QUERY_NAMES.has(word.toLowerCase()) ? "token" : secretKindOfName(word);
}

/** False for the key or the id of a session of OpenClaw's, which pages name in the same way. */
function isSessionToken(value: string): boolean {
  const token = /^[\w.~-]{16,200}(?![:%])/.exec(value)?.[0] ?? "";
  return /\d/.test(token) && !/^[\da-f-]{36}$/i.test(token);
}

/** A part of a query string or a form as it is meant; as it stands where it makes no sense. */
export function decodeQuery(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    return part;
  }
}

/** The kind of credential that an HTTP header of this name holds; null for the WebSocket's own keys and all others. */
export function secretKindOfHeader(name: string): string | null {
  return /^sec-websocket-/i.test(name) ? null : secretKindOfName(name);
}

/**
 * True when a number under a name of this kind may be the secret itself. `"token": 12` counts something, and so do most that are plural:
 * `last` is the name's last letter.
 */
export function isNumericSecret(kind: string, last: string, digits: string): boolean {
  if (/s/i.test(last) && !kind.endsWith("s")) return false;
  return kind === "credential" || NUMERIC_KINDS.test(kind) || /^\d{6,}$/.test(digits);
}
