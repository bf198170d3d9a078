import type { ResponseFrame } from "../gateway/frame.ts";
import { parseRoleRefusal, parseScopeRefusal } from "../gateway/scopes.ts";

/** What a method needs, as the answer to a connection without any scope tells. */
export type Need =
  | { readonly kind: "scope"; readonly scope: string }
  | { readonly kind: "role"; readonly role: string }
  /** It was let through, and answered well or with another error. */
  | { readonly kind: "nothing" }
  | { readonly kind: "unknown-method" };

/** Reads an answer to a call that was made without any scope: authorisation precedes params and handler (all versions measured). */
export function judgeAnswer({ error }: Pick<ResponseFrame, "error">): Need {
  if (error === null) return { kind: "nothing" };
  const refusal = parseScopeRefusal(error);
  if (refusal !== null) return { kind: "scope", scope: refusal.missing };
  const role = parseRoleRefusal(error);
  if (role !== null) return { kind: "role", role };
  return { kind: /^unknown method/i.test(error.message) ? "unknown-method" : "nothing" };
}
