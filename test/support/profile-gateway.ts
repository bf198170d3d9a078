import { authorizeCall } from "../../src/gateway/authorize-call.ts";
import { look, namesIn } from "../../src/gateway/measured.ts";
import { ROLE_NODE, type Profile } from "../../src/gateway/profile.ts";
import type { Answer, Asked } from "./scripted-gateway.ts";

/** A Gateway of a version, and how it is unlike that version. */
export interface Play {
  readonly profile: Profile;
  /** Methods that hello-ok names; all of the profile's unless said otherwise. */
  readonly advertised?: readonly string[];
  readonly granted?: readonly string[];
  /** Methods that are let through though the profile refuses them, or does not know them. */
  readonly lets?: readonly string[];
}

/** Answers as a Gateway of that profile does to a connection without scopes. */
export function gatewayOf({ profile, advertised, granted = [], lets = [] }: Play) {
  let roleRefusals = 0;
  let isConnected = false;
  return ({ method }: Asked): Answer => {
    if (method === "connect" && !isConnected) {
      isConnected = true;
      const features = {
        methods: advertised ?? advertisedBy(profile),
        events: namesIn(profile.events),
      };
      const server = { version: profile.version };
      const named = profile.helloNamesMethod === true ? { method: "token" } : {};
      const isAbsent = profile.helloScopesWithoutToken === "absent";
      const auth = isAbsent ? {} : { auth: { role: "operator", scopes: granted, ...named } };
      const { protocol } = profile;
      return { payload: { type: "hello-ok", protocol, server, features, ...auth } };
    }
    roleRefusals = look(profile.methods, method) === ROLE_NODE ? roleRefusals + 1 : 0;
    if (roleRefusals > 10) {
      return {
        error: { code: "INVALID_REQUEST", message: "repeated unauthorized calls" },
        close: 1008,
      };
    }
    if (lets.includes(method)) return { payload: {} };
    const decision = authorizeCall(
      profile,
      { role: "operator", scopes: [] },
      { method, params: {} },
    );
    if (decision.kind === "unknown") throw new Error(`${method}: ${decision.missing}`);
    return decision.kind === "refused" ? { error: decision.error } : { payload: {} };
  };
}

/** The methods that hello-ok of that version names. */
export function advertisedBy(profile: Profile): readonly string[] {
  return namesOf(profile).filter((method) => look(profile.hiddenMethods, method) !== true);
}

/** All methods of a version. */
export function namesOf({ methods }: Profile): readonly string[] {
  return namesIn(methods);
}

/** What of a profile a probe can see, in an order of its own. */
export function seenIn(profile: Profile): object {
  const { version, protocol, methods, hiddenMethods, events, unknownMethodNeeds } = profile;
  const { helloScopesWithoutToken, helloNamesMethod } = profile;
  const refusal = look(profile.refusals, "missing-scope");
  return { version, protocol, methods, hiddenMethods, events, unknownMethodNeeds, helloScopesWithoutToken, helloNamesMethod, refusal }; // prettier-ignore
}
