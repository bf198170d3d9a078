import { z } from "zod";
import type { Profile } from "./profile.ts";

const strings = z.array(z.string());

/** The fields of a profile, in files and in documents. Others may stand beside them, and are not read. */
export const profileSchema = z.object({
  version: z.string(),
  protocol: z.number(),
  methods: z.record(z.string(), strings),
  freeMethods: strings,
  nodeMethods: strings,
  hiddenMethods: strings,
  events: strings,
  scopeRefusal: z.object({ code: z.string(), detailCode: z.string().nullable() }),
  implies: z.record(z.string(), strings),
  keepsScopesWithoutDevice: strings,
  helloScopes: z.enum(["effective", "token-or-effective", "token-or-absent"]),
  namesScopeMismatch: z.boolean(),
});

/** A value read as a profile, or the first thing about it that is none. */
export type ParsedProfile =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly reason: string };

/** Reads a profile from its JSON text, as `gw-trace probe` writes it. Never throws. */
export function parseProfile(text: string): ParsedProfile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: "it is not JSON" };
  }
  const result = profileSchema.safeParse(value);
  if (result.success) return { ok: true, profile: result.data };
  const path = result.error.issues[0]?.path.join(".") ?? "";
  return { ok: false, reason: `${path || "it"} is missing or of the wrong type` };
}
