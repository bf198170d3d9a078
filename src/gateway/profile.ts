import { z } from "zod";
import { isJsonObject, ownField } from "./json-object.ts";
import { look, NOT_MEASURED, type Measured } from "./measured.ts";

const notMeasured = z.literal(NOT_MEASURED);
const measured = <T extends z.ZodType>(schema: T) => z.union([schema, notMeasured]);
const table = <T extends z.ZodType>(value: T) =>
  measured(z.record(z.string(), measured(value)).readonly());
const names = table(z.literal(true));
const yesOrNo = measured(z.boolean());
const count = measured(z.number());

/** A test of a request's params. Several in one rule all have to hold. */
const paramTest = z.union([
  z.object({ field: z.string(), is: z.unknown() }),
  /** A case-insensitive regular expression that a text field matches. */
  z.object({ field: z.string(), matches: z.string() }),
  z.object({ field: z.string(), isPresent: z.literal(true) }),
  /** Some field of the object has another name than these; the params themselves where `field` is empty. */
  z.object({ field: z.string(), hasOtherThan: z.array(z.string()).readonly() }),
  z.object({ field: z.string(), hasOnly: z.array(z.string()).readonly() }),
]);

/** What a method needs when its params are such. */
const paramRule = z.object({
  when: z.array(paramTest).readonly(),
  scopes: measured(z.array(z.string()).readonly()),
});

/**
 * An error as a Gateway answers it. `<name>` stands for a value of that call or connect; a detail `<name?>` is left out where its list
 * is empty. A detail that was not measured may or may not be there.
 */
const refusal = z.object({
  code: measured(z.string()),
  message: measured(z.string()),
  details: measured(z.record(z.string(), z.unknown()).readonly()).optional(),
  retryable: measured(z.boolean()).optional(),
  /** How the connection ends afterwards, where it does. */
  close: z.object({ code: count, reason: measured(z.string()) }).optional(),
});

/** The rules of one Gateway version, in files and in documents, each with what it is about in plain words. Other fields may stand beside them, and are not read. */
export const profileSchema = z.object({
  version: z.string(),
  /** Where the rules are from, by field; `all` for those that are not named. */
  sources: z.record(z.string(), z.string()).readonly(),
  protocol: count.describe("protocol"),
  /** Which scope each method needs at least, or `no scope`, or `role node`; more may depend on its params. */
  methods: table(z.string()).describe("what methods need"),
  /** Those of these methods that hello-ok does not advertise. */
  hiddenMethods: names.describe("methods that hello-ok does not name"),
  /** Methods that are let in before anybody looks at role and scopes. */
  openMethods: names.describe("methods for every role"),
  /** What methods need instead, depending on their params: the first rule that holds. */
  paramRules: table(z.array(paramRule).readonly()).describe("what params change"),
  /** What a method that does not exist needs before a caller is told so. */
  unknownMethodNeeds: measured(z.string()).describe("what a method needs that does not exist"),
  /** Methods that look at whose session it is, for all but admins. */
  ownedMethods: names.describe("methods that look at whose session it is"),
  /** Methods that a scope, though it is not the one they need, opens half-way: for whom, was not measured. */
  halfOpenMethods: table(z.string()).describe("methods that narrow scopes open half-way"),
  /** Scopes that open methods of `operator.read` and `operator.write` half-way. */
  narrowScopes: names.describe("scopes that open methods half-way"),
  /** Whether chats in a browser may change sessions, given the scopes. */
  webchatChangesSessions: yesOrNo.describe("a chat in a browser may change sessions"),
  /** The events that hello-ok advertises. */
  events: names.describe("events"),
  /** Which further scopes a scope stands for; `operator.admin` stands for every operator scope and is not listed. */
  implies: table(names).describe("scopes that imply others"),
  /** What `hello-ok.auth.scopes` says where a device token was issued: the token's scopes, or the connection's. */
  helloScopesWithToken: measured(z.enum(["token", "effective"])).describe(
    "what hello-ok's scopes mean with a device token",
  ),
  /** What it says where none was: the connection's scopes, or nothing, for there is no `auth` then. */
  helloScopesWithoutToken: measured(z.enum(["effective", "absent"])).describe(
    "what hello-ok's scopes mean without a device token",
  ),
  /** True where `hello-ok.auth.method` says how the client authenticated. */
  helloNamesMethod: yesOrNo.describe("hello-ok names the credential that counted"),
  /** Clients (`id/mode`) without a device identity that keep the scopes they ask for, when local, without an Origin header. */
  keepsScopesWithoutDevice: names.describe("clients that keep their scopes without a device"),
  /** The client ids and modes that `connect` is known to take. */
  clientIds: names.describe("client ids that connect is known to take"),
  clientModes: names.describe("client modes that connect is known to take"),
  /** Clients of the operator's own screens: they need a device identity even with the shared token. */
  operatorUis: names.describe("operator's screens, which need a device"),
  /** Those of them that are browsers: their Origin is checked whether or not they send one. */
  browserUis: names.describe("operator's screens that are browsers"),
  /** Modes of clients that may still ask for the protocol before. */
  olderProtocolFor: names.describe("client modes that may speak the protocol before"),
  /** An Origin is checked whoever sends it, not only a browser's. */
  checksEveryOrigin: yesOrNo.describe("the Origin of every client is checked"),
  /** An Origin of a custom scheme, such as `tauri://`, is compared as `null`, which no allowed origin matches. */
  customSchemeOriginIsNull: yesOrNo.describe("an Origin of a custom scheme is compared as null"),
  /** A forwarding header from a peer that is no trusted proxy is refused before there is a WebSocket. */
  refusesForwarding: yesOrNo.describe(
    "forwarding headers of a peer that is not trusted are refused",
  ),
  /** A peer is local only when it also names a loopback `Host`. */
  localNeedsLoopbackHost: yesOrNo.describe("a local client has to name a loopback Host"),
  /** A client of role `node` needs a device identity. */
  nodeNeedsDevice: yesOrNo.describe("a node needs a device identity"),
  /** Switches of the configuration can let an operator's screen in without a device identity. */
  uiSwitches: yesOrNo.describe("the configuration can let a screen in without a device"),
  /** Clients that need no device identity where no authentication is configured, when local. */
  needsNoAuth: names.describe("clients that need no device where there is no authentication"),
  /** Clients that are let in without being paired, when local: with a device that is new, and with one that is paired for less. */
  skipsPairingWhenNew: names.describe("local clients whose new device needs no pairing"),
  skipsPairingWhenPaired: names.describe("local clients whose paired device gets what it asks for"),
  /** A paired local device with the shared token or password gets more scopes, or another role, without asking. */
  upgradesScopesSilently: yesOrNo.describe("a paired local device gets more scopes without asking"),
  upgradesRolesSilently: yesOrNo.describe("a paired local device gets another role without asking"),
  /** A device that comes from another platform has to be approved again, but for these clients when local. */
  pinsMetadata: yesOrNo.describe("a device on another platform has to be approved again"),
  refreshesMetadata: names.describe("local clients whose new platform is taken without asking"),
  /** The shared credential may stand in the field of the other kind. */
  takesEitherField: yesOrNo.describe("the shared credential may stand in the other one's field"),
  /** A device token that covers too few scopes is refused as such, not as a "token mismatch". */
  namesScopeMismatch: yesOrNo.describe("a device token with too few scopes is refused as such"),
  /** What each refusal says, by cause; one with `/…` is for such clients only. */
  refusals: table(refusal).describe("refusal"),
  /** The advice inside of the message that refuses a credential, by cause and kind of client. */
  hints: table(z.string()).describe("advice in a refusal"),
  /** How long a client may take until it has sent `connect`. */
  handshakeTimeoutMs: count.describe("milliseconds until connect has to come"),
  /** The largest first frame; false where no limit was met. */
  firstFrameBytes: measured(z.union([z.number(), z.literal(false)])).describe(
    "largest first frame in bytes",
  ),
  /** How far a device's clock may be from the Gateway's, in either direction. */
  clockSkewMs: count.describe("milliseconds that a device's clock may be off"),
  /** So many answers of "unauthorized role" in a row are given, then the connection is closed; false where there is no end. */
  roleRefusalsInARow: measured(z.union([z.number(), z.literal(false)])).describe(
    "answers of unauthorized role in a row until it closes",
  ),
  /** How many requests before hello-ok wait for it; with 0 the first one ends the connection. */
  requestsBeforeHello: count.describe("requests that wait for hello-ok"),
  /** What `seq` counts: the events that the connection is sent, or all that the Gateway has. */
  seqCounts: measured(z.enum(["connection", "gateway"])).describe("what seq counts"),
  /** Which of the Gateway's calls to itself stay inside its process, where no socket carries them; null when none does. */
  selfCallsInProcess: measured(z.string().nullable()).describe(
    "its calls to itself that no socket carries",
  ),
});

/** What one Gateway version requires and grants: data, measured on that version. */
export type Profile = Readonly<z.infer<typeof profileSchema>>;
/** The name of a rule. */
export type RuleName = Exclude<keyof Profile, "version" | "sources">;
/** What a method needs when its params are such. */
export type ParamRule = Readonly<z.infer<typeof paramRule>>;
/** A test of a request's params. */
export type ParamTest = Readonly<z.infer<typeof paramTest>>;
/** An error as a Gateway answers it, with places for the values of each case. */
export type RefusalRule = Readonly<z.infer<typeof refusal>>;

/** What a method needs that no scope opens, and one that needs none. */
export const ROLE_NODE = "role node";
export const NO_SCOPE = "no scope";
/** What a method needs of which the versions compared say different scopes. */
export const SOME_SCOPE = "some scope";

/** All rules, in the order in which they are told. */
export const RULE_NAMES: readonly RuleName[] = Object.keys(profileSchema.shape).filter(
  (name): name is RuleName => name !== "version" && name !== "sources",
);

/** What a rule is about, in plain words. */
export function titleOf(rule: RuleName): string {
  return profileSchema.shape[rule].description ?? rule;
}

/** The scope that the method needs at least; null when it needs none or does not exist. */
export function methodScope(profile: Profile, method: string): Measured<string | null> {
  const need = look(profile.methods, method);
  if (need === SOME_SCOPE) return NOT_MEASURED;
  return need === false || need === ROLE_NODE || need === NO_SCOPE ? null : need;
}

/** A value read as a profile, or the first thing about it that is none. */
export type ParsedProfile =
  | { readonly ok: true; readonly profile: Profile }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads a profile from its JSON text, as `gw-trace probe` writes it. A text that says `from` which version it is like holds only what
 * differs from that one, which `find` gives. Never throws.
 */
export function parseProfile(
  text: string,
  find: (version: string) => Profile | null = () => null,
): ParsedProfile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: "it is not JSON" };
  }
  if (isJsonObject(value) && typeof value["from"] === "string") {
    const base = find(value["from"]);
    if (base === null) return { ok: false, reason: `it is written from ${value["from"]}, which was not measured` }; // prettier-ignore
    const own = value;
    const rules = RULE_NAMES.map((name) => [name, overlay(base[name], ownField(own, name))]);
    value = { ...own, ...Object.fromEntries(rules) };
  }
  const result = profileSchema.safeParse(value);
  if (result.success) return { ok: true, profile: result.data };
  const path = result.error.issues[0]?.path.join(".") ?? "";
  return { ok: false, reason: `${path || "it"} is missing or of the wrong type` };
}

/** A rule of one version with what another says of it: nothing, another value, or for a table some of its names; `false` takes one out. */
function overlay(base: unknown, own: unknown): unknown {
  if (own === undefined) return base;
  if (!isJsonObject(base) || !isJsonObject(own)) return own;
  const all = Object.entries({ ...base, ...own });
  return Object.fromEntries(all.filter(([, value]) => value !== false));
}

/** What `overlay` makes the rule of, given the other version's; undefined where they are the same. */
function difference(base: unknown, own: unknown): unknown {
  const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other); // prettier-ignore
  if (isSame(base, own)) return undefined;
  if (!isJsonObject(base) || !isJsonObject(own)) return own;
  const gone = Object.keys(base).filter((name) => !Object.hasOwn(own, name));
  const changed = Object.entries(own).filter(([name, value]) => !isSame(ownField(base, name), value)); // prettier-ignore
  const all = [...changed, ...gone.map((name) => [name, false] as const)];
  return all.length === 0 ? undefined : Object.fromEntries(all);
}

/**
 * The text of a profile file: one rule a line; in a table, the names that share a value stand on one line. With `from`, only what differs
 * from that version's.
 */
export function formatProfile(profile: Profile, from?: Profile): string {
  const { version, sources } = profile;
  const rules = RULE_NAMES.map(
    (name) => [name, from === undefined ? profile[name] : difference(from[name], profile[name])] as const,
  ); // prettier-ignore
  const fields = [
    `"version": ${JSON.stringify(version)}`,
    ...(from === undefined ? [] : [`"from": ${JSON.stringify(from.version)}`]),
    `"sources": ${JSON.stringify(sources)}`,
    ...rules
      .filter(([, rule]) => rule !== undefined)
      .map(([name, rule]) => `${JSON.stringify(name)}: ${formatRule(rule)}`),
  ];
  return `{\n${fields.map((field) => `  ${field}`).join(",\n")}\n}\n`;
}

function formatRule(rule: unknown): string {
  if (typeof rule !== "object" || rule === null) return JSON.stringify(rule);
  const lines = new Map<string, string[]>();
  for (const [name, value] of Object.entries(rule).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const text = JSON.stringify(value);
    const line = typeof value === "object" ? `${name} ${text}` : text;
    lines.set(line, [...(lines.get(line) ?? []), `${JSON.stringify(name)}: ${text}`]);
  }
  if (lines.size === 0) return "{}";
  const inside = [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line.join(", ")); // prettier-ignore
  return `{\n${inside.map((line) => `    ${line}`).join(",\n")}\n  }`;
}
