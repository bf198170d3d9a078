import { decodeQuery, secretKindOfName, secretKindOfQueryName } from "../gateway/secrets.ts";
import { findSecrets } from "./find-secrets.ts";

/** Gives the placeholder for a secret that was found. */
export type SecretTaker = (secret: string, kind: string) => string;

/** Takes out of a text, of whatever form, what looks like a secret by its shape or by the name before it. */
export function removeSecrets(text: string, take: SecretTaker): string {
  let result = "";
  let copied = 0;
  for (const { start, end, kind } of findSecrets(text)) {
    if (end <= copied) continue;
    // What overlaps is one secret and the rest of another.
    const from = Math.max(start, copied);
    result += text.slice(copied, from) + take(text.slice(from, end), kind);
    copied = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** The same for the target of an HTTP request: a path, and a query string or a fragment. */
export function removeTargetSecrets(target: string, take: SecretTaker): string {
  const query = target.search(/[?#]/);
  if (query < 0) return removeSecrets(target, take);
  const path = removeSecrets(target.slice(0, query), take);
  return path + target[query] + removeFormSecrets(target.slice(query + 1), take);
}

/** The same for the parts of a query string or a form (`application/x-www-form-urlencoded`), whose names and values may be encoded. */
function removeFormSecrets(form: string, take: SecretTaker): string {
  return form
    .split(/([&;#?])/)
    .map((part) => {
      const [name = "", ...rest] = part.split("=");
      const value = rest.join("=");
      if (rest.length === 0 || value === "") return removeSecrets(part, take);
      const kind = secretKindOfQueryName(name, value);
      if (kind !== null) return `${name}=${take(value, kind)}`;
      const decoded = decodeQuery(value);
      // A URL in a query string has one of its own, and JSON its own names.
      const cleaned = decoded === value ? removeSecrets(part, take) : removeSecrets(decoded, take);
      if (decoded === value) return cleaned;
      return cleaned === decoded ? part : `${name}=${encodeURIComponent(cleaned)}`;
    })
    .join("");
}

/** Where the secrets of a text go: those that stand under a name or in a part of a form, those that only look like one, and the rest. */
export interface LooseTakers {
  readonly named: SecretTaker;
  readonly seen: SecretTaker;
  /** Cleans what a part of a form holds. */
  readonly clean: (part: string) => string;
}

/** Takes the secrets out of a text that is no JSON: a form, the parts of one, or anything else. */
export function removeLooseSecrets(text: string, takers: LooseTakers): string {
  if (isMultipart(text)) return removeMultipartSecrets(text, takers);
  return isForm(text) ? removeFormSecrets(text, takers.named) : removeSecrets(text, takers.seen);
}

/** True for a text that is the fields of a form and nothing else. */
function isForm(text: string): boolean {
  return text.includes("=") && !/[\s"'<>{}]/.test(text) && /^[\w.%+[\]-]{1,100}=/.test(text);
}

/** True for a text that is the parts of a form (RFC 7578). */
function isMultipart(text: string): boolean {
  return text.startsWith("--") && /content-disposition: ?form-data/i.test(text.slice(0, 2000));
}

/** Takes the secrets out of the parts of a form that are named as such, and what `clean` finds out of the others. */
function removeMultipartSecrets(text: string, { named, clean }: LooseTakers): string {
  const lineEnd = text.indexOf("\n");
  const boundary = text.slice(0, lineEnd < 0 ? text.length : lineEnd).trimEnd();
  return text
    .split(boundary)
    .map((part) => {
      const blank = /\r?\n\r?\n/.exec(part);
      if (blank === null) return part;
      const from = blank.index + blank[0].length;
      const name = /name="([^"]{0,200})"/i.exec(part.slice(0, blank.index))?.[1] ?? "";
      const value = part.slice(from).replace(/\r?\n$/, "");
      const kind = secretKindOfName(name) ?? secretKindOfQueryName(name, value);
      const cleaned = kind === null ? clean(value) : named(value, kind);
      return part.slice(0, from) + cleaned + part.slice(from + value.length);
    })
    .join(boundary);
}
