import { look } from "../../gateway/measured.ts";
import { NO_SCOPE, type Profile } from "../../gateway/profile.ts";
import { rulesFor } from "../../gateway/rules.ts";

/** What recorded clients may send to a real Gateway. */
export interface SendRules {
  /** The version of the recorded Gateway; null when the recording does not say. */
  readonly recordedVersion: string | null;
  /** True when requests that may change something are sent as well. */
  readonly allowWrites: boolean;
  /** What counts for the versions that these profiles are of. */
  readonly profiles?: readonly Profile[];
}

/** A recorded request that may be sent. */
export interface Intention {
  readonly method: string;
  /** True when credentials were taken out of it. */
  readonly redacted: boolean;
  /** The version that hello-ok of the live Gateway names; null before it. */
  readonly liveVersion: string | null;
}

/** These need no scope, and change something all the same, or wait for somebody who does. */
const FREE_BUT_CHANGING: ReadonlySet<string> = new Set([
  "device.scopes.requestUpgrade",
  "device.scopes.waitUpgrade",
]);

/**
 * Why a request is not sent to a real Gateway; null when it is. Only a method that needs no more than `operator.read`, on the
 * recorded version and on the live one, counts as one that changes nothing.
 */
export function whyHeldBack(rules: SendRules, intention: Intention): string | null {
  const { method, redacted, liveVersion } = intention;
  if (redacted) return "credentials were taken out of its params";
  if (rules.allowWrites) return null;
  const versions = [rules.recordedVersion, liveVersion];
  if (versions.every((version) => onlyReads(rulesFor(version, rules.profiles).profile, method)))
    return null;
  return "it may change something";
}

function onlyReads(profile: Profile, method: string): boolean {
  const need = look(profile.methods, method);
  if (need === NO_SCOPE) return !FREE_BUT_CHANGING.has(method);
  return need === "operator.read" || need === "operator.sessions.read";
}
