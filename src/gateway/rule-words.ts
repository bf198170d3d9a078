import { NOT_MEASURED } from "./measured.ts";
import { codeOf } from "./refusal.ts";
import { isJsonObject } from "./json-object.ts";
import type { ParamRule, Profile, RefusalRule, RuleName } from "./profile.ts";

/** What a rule is about, in plain words. */
export const RULE_TITLES: Readonly<Record<RuleName, string>> = {
  protocol: "protocol",
  methods: "what methods need",
  hiddenMethods: "methods that hello-ok does not name",
  openMethods: "methods for every role",
  paramRules: "what params change",
  unknownMethodNeeds: "what a method needs that does not exist",
  ownedMethods: "methods that look at whose session it is",
  halfOpenMethods: "methods that narrow scopes open half-way",
  narrowScopes: "scopes that open methods half-way",
  webchatChangesSessions: "a chat in a browser may change sessions",
  events: "events",
  implies: "scopes that imply others",
  helloScopesWithToken: "what hello-ok's scopes mean with a device token",
  helloScopesWithoutToken: "what hello-ok's scopes mean without a device token",
  helloNamesMethod: "hello-ok names the credential that counted",
  keepsScopesWithoutDevice: "clients that keep their scopes without a device",
  clientIds: "client ids that connect is known to take",
  clientModes: "client modes that connect is known to take",
  operatorUis: "operator's screens, which need a device",
  browserUis: "operator's screens that are browsers",
  olderProtocolFor: "client modes that may speak the protocol before",
  checksEveryOrigin: "the Origin of every client is checked",
  customSchemeOriginIsNull: "an Origin of a custom scheme is compared as null",
  refusesForwarding: "forwarding headers of a peer that is not trusted are refused",
  localNeedsLoopbackHost: "a local client has to name a loopback Host",
  nodeNeedsDevice: "a node needs a device identity",
  uiSwitches: "the configuration can let a screen in without a device",
  needsNoAuth: "clients that need no device where there is no authentication",
  skipsPairingWhenNew: "local clients whose new device needs no pairing",
  skipsPairingWhenPaired: "local clients whose paired device gets what it asks for",
  upgradesScopesSilently: "a paired local device gets more scopes without asking",
  upgradesRolesSilently: "a paired local device gets another role without asking",
  pinsMetadata: "a device on another platform has to be approved again",
  refreshesMetadata: "local clients whose new platform is taken without asking",
  takesEitherField: "the shared credential may stand in the other one's field",
  namesScopeMismatch: "a device token with too few scopes is refused as such",
  refusals: "refusal",
  hints: "advice in a refusal",
  handshakeTimeoutMs: "milliseconds until connect has to come",
  firstFrameBytes: "largest first frame in bytes",
  clockSkewMs: "milliseconds that a device's clock may be off",
  roleRefusalsInARow: "answers of unauthorized role in a row until it closes",
  requestsBeforeHello: "requests that wait for hello-ok",
  seqCounts: "what seq counts",
  selfCallsInProcess: "its calls to itself that no socket carries",
};

/** Rules whose entries are told one by one. */
const ONE_BY_ONE: readonly RuleName[] = ["paramRules", "refusals", "hints"];

/** A profile's rules as texts, by what each is about. */
export function wordRules(profile: Profile, names: readonly RuleName[]): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name): (readonly [string, string])[] => {
      const rule: unknown = profile[name];
      const title = RULE_TITLES[name];
      if (!ONE_BY_ONE.includes(name) || !isJsonObject(rule)) return [[title, wordRule(rule)]];
      return Object.entries(rule).map(([key, value]) => [`${title}: ${key}`, wordRule(value)]);
    }),
  );
} // prettier-ignore

/** A rule's value as text. */
export function wordRule(value: unknown): string {
  if (value === null || value === false) return "none";
  if (value === true) return "yes";
  if (Array.isArray(value)) return value.map(wordParamRule).join("; ");
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (!isJsonObject(value)) return "";
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing else in a profile has a message
  if ("message" in value) return wordRefusal(value as RefusalRule);
  const names = Object.entries(value).map(([name, inner]) => {
    if (inner === true) return name;
    return isJsonObject(inner) ? `${name} stands for ${wordRule(inner)}` : `${name} (${String(inner)})`;
  });
  return names.toSorted().join(isTableOfTables(value) ? "; " : ", ") || "none";
} // prettier-ignore

function isTableOfTables(value: Readonly<Record<string, unknown>>): boolean {
  return Object.values(value).some(isJsonObject);
}

function wordRefusal({ code, message, details }: RefusalRule): string {
  const rest = isJsonObject(details) ? Object.keys(details).toSorted().join(", ") : NOT_MEASURED;
  return details === undefined
    ? `${code}, no details: ${message}`
    : `${code}, details.code ${codeOf({ code, message, details }) ?? NOT_MEASURED}: ${message} (${rest})`;
}

function wordParamRule(rule: ParamRule): string {
  const tests = rule.when.map((test) => {
    const field = test.field === "" ? "the params" : test.field;
    if ("is" in test) return `${field} is ${JSON.stringify(test.is)}`;
    if ("matches" in test) return `${field} matches ${test.matches}`;
    if ("isPresent" in test) return `${field} is there`;
    if ("hasOnly" in test) return `${field} has only ${test.hasOnly.join(", ")}`;
    return test.hasOtherThan.length === 0 ? `there are any` : `${field} has other than ${test.hasOtherThan.join(", ")}`;
  });
  const { scopes } = rule;
  return `${scopes === NOT_MEASURED ? NOT_MEASURED : scopes.join(" and ")} where ${tests.join(" and ")}`;
} // prettier-ignore
