import { secretKindOfHeader } from "../gateway/secrets.ts";
import { removeQuerySecrets, removeUnnamed } from "./text-secrets.ts";
import type { SecretTaker } from "./text-secrets.ts";

const AUTH_SCHEME = /^((?:basic|bearer|digest|negotiate|token|apikey) +)(.*)$/is;

/** Takes the credentials out of the value of one HTTP header. */
export function removeHeaderSecrets(name: string, value: string, take: SecretTaker): string {
  const kind = secretKindOfHeader(name);
  if (kind === "cookie") return removeCookies(name, value, take);
  if (kind !== null) return removeCredential(kind, value, take);
  if (/^sec-websocket-protocol$/i.test(name)) return removeProtocols(value, take);
  return removeQuerySecrets(removeUnnamed(value, take), take);
}

/** The scheme is worth knowing and no secret (RFC 9110, section 11.4). */
function removeCredential(kind: string, value: string, take: SecretTaker): string {
  const [, scheme = "", credential = value] = AUTH_SCHEME.exec(value) ?? [];
  if (/^basic/i.test(scheme)) {
    // What follows may carry the password itself (RFC 7617, section 2).
    const [, password = ""] = Buffer.from(credential, "base64").toString().split(/:(.*)/s);
    take(password, "password");
  }
  return scheme + take(credential, kind);
}

function removeCookies(name: string, value: string, take: SecretTaker): string {
  // Of Set-Cookie only the first pair is the cookie (RFC 6265, section 4.1.1).
  const pairs = /^set-/i.test(name) ? /^([^=;]*=\s*)([^;]+)/ : /([^=;]*=\s*)([^;]+)/g;
  return value.replace(pairs, (_, before: string, cookie: string) => {
    return before + take(cookie, "cookie");
  });
}

/** Browsers cannot send headers, so some clients put a token in the list of protocols. */
function removeProtocols(value: string, take: SecretTaker): string {
  return value.replaceAll(/[^,\s]+/g, (item) =>
    /^[\w.~+/=-]{16,}$/.test(item) && /\d/.test(item) && /[a-z]/i.test(item)
      ? take(item, "token")
      : item,
  );
}
