import { secretKindOfHeader } from "../gateway/secrets.ts";
import { removeSecrets, type SecretTaker } from "./remove-secrets.ts";

const AUTH_SCHEME = /^(?:basic|bearer|bot|digest|negotiate|token|apikey) +/i;

/** Takes the credentials out of the value of one HTTP header. */
export function removeHeaderSecrets(name: string, value: string, take: SecretTaker): string {
  const kind = secretKindOfHeader(name);
  if (kind !== null) return removeCredential(kind, value, take, /^set-/i.test(name));
  if (/^sec-websocket-protocol$/i.test(name)) return removeProtocols(value, take);
  return removeSecrets(value, take);
}

/** Takes out a credential, but for its scheme, which is worth knowing and no secret (RFC 9110, section 11.4). */
export function removeCredential(
  kind: string,
  value: string,
  take: SecretTaker,
  isSet: boolean = false,
): string {
  if (kind === "cookie" && value.includes("=")) return removeCookies(value, take, isSet);
  const scheme = AUTH_SCHEME.exec(value)?.[0] ?? "";
  const credential = value.slice(scheme.length);
  if (/^basic/i.test(scheme)) {
    // What follows may carry the password itself (RFC 7617, section 2).
    const pair = Buffer.from(credential, "base64").toString();
    const colon = pair.indexOf(":");
    if (colon >= 0) take(pair.slice(colon + 1), "password");
  }
  return scheme + take(credential, kind);
}

function removeCookies(value: string, take: SecretTaker, isSet: boolean): string {
  return value
    .split(";")
    .map((pair, index) => {
      const equals = pair.indexOf("=");
      // Of Set-Cookie only the first pair is the cookie (RFC 6265, section 4.1.1).
      if (equals < 0 || (isSet && index > 0)) return pair;
      const cookie = pair.slice(equals + 1);
      const space = cookie.length - cookie.trimStart().length;
      return pair.slice(0, equals + 1 + space) + take(cookie.slice(space), "cookie");
    })
    .join(";");
}

/** Browsers cannot send headers, so some clients put a token in the list of protocols. */
function removeProtocols(value: string, take: SecretTaker): string {
  return value.replaceAll(/[^,\s]+/g, (item) =>
    /^[\w.~+/=-]{16,}$/.test(item) && /\d/.test(item) && /[a-z]/i.test(item)
      ? take(item, "token")
      : item,
  );
}
