import { GwTraceError } from "../errors.ts";
import type { FrameError, ResponseFrame } from "../gateway/frame.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { look } from "../gateway/measured.ts";
import { methodScope, NO_SCOPE } from "../gateway/profile.ts";
import { parseRoleRefusal, parseScopeRefusal } from "../gateway/scopes.ts";

/** Asks the Gateway and waits for the answer. */
export type Call = (method: string, params: unknown) => Promise<ResponseFrame>;

/** What was answered. */
export interface Sweep {
  /** What each method needs, in the order asked. */
  readonly needs: ReadonlyMap<string, Need>;
  /** How `status` was refused for want of a scope. */
  readonly refusal: FrameError;
}

/** Read-only listings behind other scopes than `status`: all must be denied before anything else is tried. */
const CANARIES = ["device.pair.list", "exec.approval.list"];

/** No measured Gateway closes a connection after so few answers `unauthorized role` in a row; any other answer in between resets it. */
const MAX_ROLE_REFUSALS = 9;

/** A Gateway that lets through more methods that no measured version has is taken for one that has not cleared the scopes. */
const MAX_STRANGERS_LET_THROUGH = 5;

/**
 * Calls every method once with empty params, on a connection without scopes, and notes what it needs.
 * @throws {GwTraceError} PROBE_UNSAFE when a method that needs a scope was let through: then nothing more is called
 */
export async function sweepMethods(call: Call, methods: readonly string[]): Promise<Sweep> {
  const refusal = await assertDenied(call, "status");
  for (const method of CANARIES) await assertDenied(call, method);
  const needs = new Map<string, Need>();
  let roleRefusals = 0;
  let strangers = 0;
  const isFree = (method: string): boolean =>
    measuredProfiles().some((profile) => look(profile.methods, method) === NO_SCOPE);
  for (const method of harmlessFirst(methods)) {
    if (roleRefusals === MAX_ROLE_REFUSALS) {
      await assertDenied(call, "status");
      roleRefusals = 0;
    }
    const need = judgeAnswer(await call(method, {}));
    needs.set(method, need);
    roleRefusals = need.kind === "role" ? roleRefusals + 1 : 0;
    if (need.kind !== "nothing" || isFree(method)) continue;
    strangers += 1;
    if (isScopedSomewhere(method) || strangers > MAX_STRANGERS_LET_THROUGH) throw unsafe(method);
  }
  return { needs, refusal };
}

/** Those that measured versions refuse come first: if one is let through, nothing unknown was called yet. */
function harmlessFirst(methods: readonly string[]): readonly string[] {
  const known = methods.filter((method) => isScopedSomewhere(method));
  const readFirst = known.toSorted((a, b) => Number(!isRead(a)) - Number(!isRead(b)));
  return [...readFirst, ...methods.filter((method) => !isScopedSomewhere(method))];
}

function isRead(method: string): boolean {
  return measuredProfiles().some((profile) => methodScope(profile, method) === "operator.read");
}

function isScopedSomewhere(method: string): boolean {
  return measuredProfiles().some((profile) => methodScope(profile, method) !== null);
}

// A method that a version does not have is refused as one that needs operator.admin.
async function assertDenied(call: Call, method: string): Promise<FrameError> {
  const { error } = await call(method, {});
  if (error !== null && judgeAnswer({ error }).kind === "scope") return error;
  throw unsafe(method);
}

function unsafe(method: string): GwTraceError {
  return new GwTraceError(
    "PROBE_UNSAFE",
    `the Gateway let ${method} through although no scopes were asked for; the probe stopped there`,
    "Probe a Gateway that gives no scopes by itself, as gateway.auth.identityScopes does.",
  );
}

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
