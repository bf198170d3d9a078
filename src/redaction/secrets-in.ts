import { secretKindAt, secretKindOfNumberAt } from "../gateway/secret-places.ts";
import { isUnmistakable } from "../gateway/secret-values.ts";
import { removeCredential } from "./header-secrets.ts";
import { removeSecrets } from "./remove-secrets.ts";
import { rewriteJson } from "./rewrite-json.ts";

/**
 * The secrets that stand in a JSON text, such as a configuration or an environment, and the kind of each: by their places and by their
 * shapes. `resolve` says what a value stands for that is a reference to another. What may be a word is none.
 */
export function secretsIn(
  json: string,
  resolve: (value: string) => string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const take = (secret: string, kind: string): string => {
    const value = resolve(secret);
    if (isUnmistakable(value) && !found.has(value)) found.set(value, kind);
    return secret;
  };
  rewriteJson(json, {
    string: (_, value, place) => {
      const kind = secretKindAt(place, null);
      if (kind === null) removeSecrets(value, take);
      else removeCredential(kind, value, take);
      return null;
    },
    number: (_, digits, place) => {
      const kind = secretKindOfNumberAt(place, digits);
      if (kind !== null) take(digits, kind);
      return null;
    },
  });
  return found;
}
