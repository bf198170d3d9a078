import { methodScope, type Profile } from "../../src/gateway/profile.ts";
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
  const { code, detailCode } = profile.scopeRefusal;
  const refuse = (scope: string): Answer => ({
    error: {
      code,
      message: `missing scope: ${scope}`,
      ...(detailCode === null
        ? {}
        : { details: { code: detailCode, missingScope: scope, requiredScopes: [scope] } }),
    },
  });
  let roleRefusals = 0;
  let isConnected = false;
  return ({ method }: Asked): Answer => {
    if (method === "connect" && !isConnected) {
      isConnected = true;
      const features = { methods: advertised ?? advertisedBy(profile), events: profile.events };
      const server = { version: profile.version };
      const auth = { role: "operator", scopes: granted };
      return { payload: { type: "hello-ok", protocol: profile.protocol, server, features, auth } };
    }
    roleRefusals = profile.nodeMethods.includes(method) ? roleRefusals + 1 : 0;
    if (roleRefusals > 10) {
      return {
        error: { code: "INVALID_REQUEST", message: "repeated unauthorized calls" },
        close: 1008,
      };
    }
    if (roleRefusals > 0) {
      return { error: { code: "INVALID_REQUEST", message: "unauthorized role: operator" } };
    }
    if (lets.includes(method) || profile.freeMethods.includes(method)) return { payload: {} };
    return refuse(methodScope(profile, method) ?? "operator.admin");
  };
}

/** The methods that hello-ok of that version names. */
export function advertisedBy(profile: Profile): readonly string[] {
  return namesOf(profile).filter((method) => !profile.hiddenMethods.includes(method));
}

/** All methods of a version. */
export function namesOf({ methods, freeMethods, nodeMethods }: Profile): readonly string[] {
  return [...Object.values(methods).flat(), ...freeMethods, ...nodeMethods];
}
