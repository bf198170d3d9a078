import { isNumericSecret, secretKindOfName } from "./secrets.ts";

/** Where a value stands in a frame, as far as that says whether it is secret. Made from the outside in, so each step costs the same. */
export interface Place {
  /** How many objects and lists it is in. */
  readonly depth: number;
  /** The first key on the way to it. */
  readonly top: string | null;
  /** The last key on the way to it. */
  readonly key: string | null;
  /** The kind of credential that the objects around it are named after. */
  readonly within: string | null;
  /** True in `params.auth`: whatever kinds of credential connect learns next, they will be there. */
  readonly inAuth: boolean;
}

/** The whole frame. */
export const WHOLE_FRAME: Place = { depth: 0, top: null, key: null, within: null, inAuth: false };

/** The place below another: of an object's key, or of an element of a list. */
export function placeBelow(place: Place, key: string | null): Place {
  const { depth, top } = place;
  if (key === null) return { ...place, depth: depth + 1 };
  const named = place.key === null ? null : secretKindOfName(place.key);
  const within = OF_SCHEMAS.has(key) ? null : (named ?? place.within);
  const inAuth = place.inAuth || (depth === 1 && top === "params" && key === "auth");
  return {
    depth: depth + 1,
    top: depth === 0 ? key : top,
    key,
    within,
    inAuth,
  };
}

/** Keys of JSON Schema: what stands below describes secrets, as in answers to `config.schema`, and is none. */
const OF_SCHEMAS: ReadonlySet<string> = new Set(
  "properties items anyOf oneOf allOf required additionalProperties $defs if then else".split(" "),
);

/** Keys whose texts tell about a secret and are none. */
const TELLS_ABOUT: ReadonlySet<string> = new Set(
  (
    "code id ids key kind message mode name path pathSegments provider reason role roles scope scopes source status targetId targetIds " +
    "type warnings event method version state issuer issuedBy title description label help hint group order tags placeholder format " +
    "pattern enum const $ref section domain sameSite algorithm alg expires expiresAt createdAt updatedAt lastUsedAt deviceId clientId " +
    "clientMode platform displayName env envVar file command docsUrl"
  ).split(" "),
);

/**
 * The kind of credential that a text at a place of a frame is, or null. `method` is the request's, and for a response that of its
 * request where known (OpenClaw docs, gateway/protocol: handshake; gateway/secrets).
 */
export function secretKindAt(place: Place, method: string | null): string | null {
  const { key, top, depth, within } = place;
  if (key === null) return null;
  const kind = secretKindOfName(key);
  if (kind !== null) return kind;
  if (place.inAuth) return "credential";
  const isValue = key === "value" || key === "values";
  if (within !== null && (isValue || !TELLS_ABOUT.has(key))) return within;
  if (isValue && method?.startsWith("config.")) return "secret";
  const inside = depth > 1 && (top === "params" || top === "payload");
  if (method?.startsWith("secrets.") && inside && !TELLS_ABOUT.has(key)) return "secret";
  return null;
}

/** True at a place whose own name says that it holds a secret, and not only that of something around it. */
export function isNamedSecret(place: Place, method: string | null): boolean {
  const isOwn = place.key !== null && secretKindOfName(place.key) !== null;
  return isOwn || place.inAuth || method?.startsWith("secrets.") === true;
}

/** The same for a number, which is a secret at fewer places. */
export function secretKindOfNumberAt(place: Place, digits: string): string | null {
  if (place.key === null) return null;
  if (place.inAuth) return "credential";
  const kind = secretKindOfName(place.key);
  return kind !== null && isNumericSecret(kind, place.key.slice(-1), digits) ? kind : null;
}
