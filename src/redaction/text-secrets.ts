import { SECRET_NAMES, secretKindOfName } from "../gateway/secrets.ts";

/** Gives the placeholder for a secret that was found. */
export type SecretTaker = (secret: string, kind: string) => string;

/** `name: "value"` and `name = 'value'`, as in configuration files; the quotes may be escaped. */
const QUOTED = new RegExp(
  `(${SECRET_NAMES})(\\\\*["']?\\s*[:=]\\s*\\\\*)(?:"([^"]*)"|'([^']*)')`,
  "gi",
);

/** `name=value`, as in URLs, forms and shell commands. */
const ASSIGNED = new RegExp(`(${SECRET_NAMES})=([^\\s"'\`\\\\&,;<>(){}[\\]]+)`, "gi");

/**
 * `name: value`, as in headers; the value must look random, or every sentence about a token would lose a word. Not within a
 * placeholder, which has the same form.
 */
const STATED = new RegExp(`(?<!<redacted:)(${SECRET_NAMES})(:\\s*)([\\w.~+/=-]{6,})`, "gi");

const SCHEME = /\b(bearer|basic)(\s+)([\w.~+/=-]{6,})/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs;
const USER_INFO = /(:\/\/[^\s"'/:@]*:)([^\s"'/@]+)(@)/g;
const CAPABILITY = /(\/__openclaw__\/cap\/)([\w.~-]+)/g;
/** Keys of model providers and JSON Web Tokens are known by how they begin. */
const KNOWN_SHAPE = /(?<![\w-])(?:sk-[\w-]{16,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)/g;

const QUERY = /([?&#;])([^=?&#;]+)=([^&#;]+)/g;

/** Names that are secret in a query string, where they are shorter than elsewhere. */
const QUERY_NAMES: ReadonlySet<string> = new Set(["auth", "code", "key", "sig", "ticket"]);

/** Takes out of a text, of whatever form, what looks like a credential by its shape or by the name before it. */
export function removeTextSecrets(text: string, take: SecretTaker): string {
  return removeUnnamed(text, take)
    .replace(QUOTED, (_, name: string, between: string, double?: string, single?: string) => {
      const quote = double === undefined ? "'" : '"';
      const quoted = double ?? single ?? "";
      // Backslashes before the closing quote belong to it, as before the opening one.
      let end = quoted.length;
      while (quoted[end - 1] === "\\") end -= 1;
      const placeholder = take(quoted.slice(0, end), kindOf(name));
      return [name, between, quote, placeholder, quoted.slice(end), quote].join("");
    })
    .replace(ASSIGNED, (_, name: string, value: string) => `${name}=${take(value, kindOf(name))}`)
    .replace(STATED, (whole: string, name: string, between: string, value: string) =>
      looksRandom(value) ? [name, between, take(value, kindOf(name))].join("") : whole,
    );
}

function kindOf(name: string): string {
  return secretKindOfName(name) ?? "secret";
}

/** The same for what needs no name before it to be known; safe on JSON text, since it never reaches beyond a string. */
export function removeUnnamed(text: string, take: SecretTaker): string {
  return text
    .replace(PRIVATE_KEY, (key) => take(key, "privatekey"))
    .replace(SCHEME, (whole, scheme: string, space: string, value: string) =>
      looksRandom(value) ? `${scheme}${space}${take(value, "token")}` : whole,
    )
    .replace(USER_INFO, (_, before: string, value: string, after: string) =>
      [before, take(value, "password"), after].join(""),
    )
    .replace(CAPABILITY, (_, before: string, value: string) => before + take(value, "token"))
    .replace(KNOWN_SHAPE, (value) => take(value, "token"));
}

/** Takes the credentials out of the query string and fragment of an HTTP request's target. */
export function removeQuerySecrets(target: string, take: SecretTaker): string {
  return target.replace(QUERY, (whole: string, before: string, name: string, value: string) => {
    const kind = QUERY_NAMES.has(name.toLowerCase()) ? "token" : secretKindOfName(name);
    return kind === null ? whole : [before, name, "=", take(value, kind)].join("");
  });
}

function looksRandom(value: string): boolean {
  return value.length >= 20 || /\d/.test(value);
}
