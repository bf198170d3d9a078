import { NOT_MEASURED } from "../gateway/measured.ts";
import { methodScope, type Profile } from "../gateway/profile.ts";
import { holdsScope, parseScopeRefusal } from "../gateway/scopes.ts";
import type { Connection } from "../trace/model.ts";
import { findContrast } from "./contrast.ts";
import { explainDroppedScopes } from "./granted-scopes.ts";
import {
  groupBy,
  handshakeEntries,
  timesOf,
  type Cause,
  type FindingDraft,
  type RuleContext,
} from "./rule.ts";
import { adviseMethod, isUnknownMethod } from "./refused-rpcs.ts";
import { nameScopes } from "./wording.ts";

/** Calls refused for want of a scope: one finding for each method and missing scope, by cause. */
export function diagnoseMissingScopes(
  connection: Connection,
  context: RuleContext,
): readonly FindingDraft[] {
  const refused = connection.rpcs.flatMap((rpc) => {
    const refusal = rpc.error === null ? null : parseScopeRefusal(rpc.error);
    return refusal === null ? [] : [{ rpc, missing: refusal.missing }];
  });
  return groupBy(refused, ({ rpc, missing }) => `${rpc.method}\n${missing}`).map((group) => {
    const [{ rpc, missing }] = group;
    return {
      ...judge(connection, rpc.method, missing, context),
      rpc: rpc.id,
      title: `${rpc.method} was refused${timesOf(group)}: missing scope ${missing}`,
      evidence: [
        ...handshakeEntries(connection),
        ...group.flatMap((member) => [member.rpc.requestEntry, member.rpc.responseEntry]),
      ],
      contrast: findContrast(connection, rpc.method, missing, context),
    };
  });
}

function judge(
  connection: Connection,
  method: string,
  missing: string,
  context: RuleContext,
): Cause {
  const { profile } = context;
  const { requested, granted } = connection.scopes;
  if (connection.handshake.connect === null) {
    return {
      code: "missing-scope-unexplained",
      why: `${method} was refused for want of ${missing}. What the connection asked for was not recorded, so the cause is unknown.`,
      fix: "Record the connection from its beginning.",
    };
  }
  const asked = holdsScope(requested ?? [], missing, profile.implies) === true;
  const reported = holdsScope(granted ?? [], missing, profile.implies) === true;
  if (asked && !reported) {
    const { reason, fix } = explainDroppedScopes(connection, profile);
    const why = `The connection asked for ${nameScopes(requested)}, but the Gateway dropped ${missing} at the handshake. ${reason}`;
    return { code: "missing-scope-dropped", why, fix };
  }
  if (reported) return judgeNotEffective(connection, missing, profile);
  if (isUnknownMethod(connection, method, missing, context)) {
    return {
      code: "missing-scope-unknown-method",
      why: `hello-ok does not list ${method} among the methods of this Gateway, and a Gateway refuses a method that it does not know as if it needed ${missing}; the connection asked for ${nameScopes(requested)}.`,
      fix: `${adviseMethod(connection, method)} To ask for ${missing} does not help: the method is then refused as unknown.`,
    };
  }
  return judgeNotRequested(connection, method, missing, profile);
}

function judgeNotRequested(
  connection: Connection,
  method: string,
  missing: string,
  profile: Profile,
): Cause {
  const { requested, effective } = connection.scopes;
  const base = methodScope(profile, method);
  if (
    base !== null &&
    base !== NOT_MEASURED &&
    base !== missing &&
    holdsScope(effective, base, profile.implies) === true
  ) {
    return {
      code: "missing-scope-for-params",
      why: `${method} needs ${base}, which the connection holds; with these params it needs ${missing} as well, and the connection asked for ${nameScopes(requested)}.`,
      fix: `Ask for ${missing} in connect.params.scopes, or call ${method} with params that need less.`,
    };
  }
  const advice =
    connection.handshake.connect?.device === null
      ? ""
      : "; if the device is not approved for it yet, approve the upgrade with: openclaw devices approve <requestId>";
  return {
    code: "missing-scope-not-requested",
    why: `${method} needs ${missing}, and the connection asked for ${nameScopes(requested)}. What the token or the paired device may do does not matter: a connection holds at most what its connect asks for.`,
    fix: `Ask for ${missing} in connect.params.scopes${advice}.`,
  };
}

function judgeNotEffective(connection: Connection, missing: string, profile: Profile): Cause {
  const { requested, granted } = connection.scopes;
  const tokenScopes =
    profile.helloScopesWithToken === "token" &&
    connection.handshake.hello?.auth?.deviceTokenIssued === true;
  return {
    code: "missing-scope-not-effective",
    why: tokenScopes
      ? `hello-ok reports ${nameScopes(granted)}, but on OpenClaw ${profile.version} those are the scopes of the device token it issues; the connection holds only what it asked for: ${nameScopes(requested)}.`
      : `hello-ok reports ${nameScopes(granted)}, and yet the Gateway refused a call for ${missing}.`,
    fix: `Ask for ${missing} in connect.params.scopes; do not read it from hello-ok.`,
  };
}
