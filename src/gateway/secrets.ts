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

/** Said by the Gateway itself in place of a secret that it keeps to itself. */
const GATEWAY_PLACEHOLDER = "__OPENCLAW_REDACTED__";

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
