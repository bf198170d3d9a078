/*
 * Where the OpenClaw protocol carries credentials. It is a rule about names and places, not about values: a Gateway invents new
 * methods faster than anyone can list them, but it names what is secret.
 */

/** How names of secrets end, as the source of a regular expression: `deviceToken`, `OPENAI_API_KEY`. */
export const SECRET_NAMES: string =
  "(?:token|secret|password|passwd|passphrase|passcode|api[_-]?key|private[_-]?key|secret[_-]?key|access[_-]?key|" +
  "encrypt(?:ion)?_?key|signing_?key|auth_?key|client_?key|authorization|cookie|signature|credential|bearer|" +
  "setup_?code|pairing_?code)s?";

/** The name must end so: `tokenCount`, `authMode` and `sessionKey` are not secret. */
const SECRET_NAME = new RegExp(`${SECRET_NAMES}$`, "i");

/**
 * Parts of the names, of which almost no ordinary frame holds one. Of equal length and without choices inside, since so V8
 * skips over text instead of looking at each letter of it: this is asked for every frame.
 */
const TRACES =
  /oken|ecret|assw|assph|assco|rizat|ookie|gnatu|edent|earer|asic |pcode|gcode|p_cod|g_cod|pikey|pi_ke|pi-ke|tekey|te_ke|te-ke|te ke|sskey|ss_ke|ss-ke|ptkey|pt_ke|ngkey|ng_ke|thkey|th_ke|ntkey|nt_ke|tionk|tion_k/i;

const TRACES_ON = new RegExp(TRACES, "gi");

/** A secret name before a value that can be text, or what announces a credential in prose. */
const NAMED = new RegExp(
  `${SECRET_NAMES}(?:\\s*=|\\s*:\\s*\\S|\\\\*["']\\s*:\\s*\\\\*["'{[])|bearer |basic |private key-`,
  "i",
);

/** Values that need no name to be known: keys by how they begin, capability URLs, a password in a URL. */
const SHAPES = /\bsk-|\beyJ|\/cap\/|:\/\/[^\s"'/@]*@/;

/** Places where any name may hold a secret. */
const PLACES = /uth\\*"\s*:|config\.|ecrets\./;

/** Said by the Gateway itself in place of a secret that it keeps to itself. */
const GATEWAY_PLACEHOLDER = "__OPENCLAW_REDACTED__";

/** False when a text certainly holds nothing that `secretKindAt` or a pattern would find. Fast: half a microsecond for 200 letters. */
export function mayHoldSecret(text: string): boolean {
  return holdsNamed(text) || SHAPES.test(text) || PLACES.test(text);
}

/** Longer than any secret name, and than what announces one. */
const BEFORE_TRACE = 32;
const AFTER_TRACE = 64;
/** What may stand between a name and its value without end. */
const UNDECIDED = /^[\w-]*[\s\\"':=]*$/;

/** True where `NAMED` would be. It looks only around the traces: over a whole long text, it would be the slowest thing of all. */
function holdsNamed(text: string): boolean {
  let from = text.search(TRACES);
  if (from < 0) return false;
  if (text.length < BEFORE_TRACE + AFTER_TRACE) return NAMED.test(text);
  TRACES_ON.lastIndex = from;
  for (let trace = TRACES_ON.exec(text); trace !== null; trace = TRACES_ON.exec(text)) {
    from = trace.index;
    const end = from + AFTER_TRACE;
    if (NAMED.test(text.slice(Math.max(0, from - BEFORE_TRACE), end))) return true;
    if (end < text.length && UNDECIDED.test(text.slice(from, end))) return NAMED.test(text);
    // A trace may begin inside the one before it.
    TRACES_ON.lastIndex = from + 1;
  }
  return false;
}

/** The kind of credential that something of this name holds, such as `token`; null when the name says nothing secret. */
export function secretKindOfName(name: string): string | null {
  const match = SECRET_NAME.exec(name);
  return match === null ? null : match[0].toLowerCase().replaceAll(/[_-]/g, "").replace(/s$/, "");
}

/** The kind of credential that an HTTP header of this name holds; null for the WebSocket's own keys and all others. */
export function secretKindOfHeader(name: string): string | null {
  return /^sec-websocket-/i.test(name) ? null : secretKindOfName(name);
}

/** Keys whose strings tell about a secret and are none, in answers to `secrets.*`. */
const SAFE_IN_SECRETS: ReadonlySet<string> = new Set(
  (
    "code id ids key kind message mode name path pathSegments provider reason role source status " +
    "targetId targetIds type warnings"
  ).split(" "),
);

/** The way to a string in a frame: object keys, and null for an element of an array. */
export type FramePath = readonly (string | null)[];

/**
 * The kind of credential at a place of a frame, or null. `method` is the request's, and for a response that of its request where
 * known (OpenClaw docs, gateway/protocol: handshake; gateway/secrets).
 */
export function secretKindAt(path: FramePath, method: string | null): string | null {
  const named = path.findLastIndex((step) => step !== null);
  const key = path[named];
  if (key === undefined || key === null) return null;
  const kind = secretKindOfName(key);
  if (kind !== null) return kind;
  // Whatever kinds of credential connect learns next, they will be in here.
  if (path[0] === "params" && path[1] === "auth" && path.length > 2) return "credential";
  const isValue = key === "value" || key === "values";
  const parent = path.slice(0, named).findLast((step) => step !== null);
  if (isValue && typeof parent === "string" && secretKindOfName(parent) !== null) return "secret";
  if (method?.startsWith("config.") && isValue) return "secret";
  const inside = path[0] === "params" || path[0] === "payload";
  if (method?.startsWith("secrets.") && inside && !SAFE_IN_SECRETS.has(key)) return "secret";
  return null;
}

/** False for what stands where a secret would, but is none: nothing, or what says that it was taken out before. */
export function isSecretValue(value: string): boolean {
  return (
    value !== "" &&
    value !== GATEWAY_PLACEHOLDER &&
    !/^(?:\*+|<redacted:[a-z]+:[0-9a-f]{8}>)$/.test(value)
  );
}

const PROTOCOL_WORDS: ReadonlySet<string> = new Set(
  (
    "authorization backend bootstraptoken client connect cookie credential devicetoken gateway method openclaw operator " +
    "operator.admin operator.approvals operator.pairing operator.read operator.talk.secrets operator.write params " +
    "password payload redacted secret signature trusted-proxy"
  ).split(" "),
);

/** False for a secret so short, or so much a word of the protocol, that replacing it wherever it occurs would garble frames. */
export function isWorthRemembering(secret: string): boolean {
  return secret.length >= 6 && !PROTOCOL_WORDS.has(secret.toLowerCase());
}
