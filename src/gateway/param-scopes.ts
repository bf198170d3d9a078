import { isJsonObject, type JsonObject, ownField } from "./json-object.ts";
import type { Profile } from "./profile.ts";

/** A test of a request's params. Several in one rule all have to hold. */
export type ParamTest =
  | { readonly field: string; readonly is: unknown }
  /** A case-insensitive regular expression that a text field matches. */
  | { readonly field: string; readonly matches: string }
  | { readonly field: string; readonly isPresent: true }
  /** Some field of the object has another name than these; the params themselves where `field` is empty. */
  | { readonly field: string; readonly hasOtherThan: readonly string[] }
  | { readonly field: string; readonly hasOnly: readonly string[] };

/** What a method needs when its params are such; null where that was not measured. */
export interface ParamRule {
  readonly method: string;
  readonly when: readonly ParamTest[];
  readonly scopes: readonly string[] | null;
}

const ADMIN = ["operator.admin"];
const WRITE = ["operator.write"];

const PATCHES = [
  "label",
  "autoLabel",
  "icon",
  "color",
  "category",
  "boardFace",
  "boardPresentation",
  "pinned",
  "archived",
  "unread",
  "model",
  "agentRuntime",
  "thinkingLevel",
  "fastMode",
  "permissionMode",
];

const PATCH_ENVELOPE = [
  "key",
  "agentId",
  "expectedSessionId",
  "expectedLifecycleRevision",
  "expectedPermissionMode",
  "expectedMarkedUnreadAt",
];

const DELETES = ["key", "agentId", "deleteTranscript", "expectedSessionId", "archivedOnly"];

const RESET = "^/(new|reset)(?:\\s+([\\s\\S]*))?$";

// Which devices a caller may decide on, and with which scopes, its handlers look at: not measured one by one.
const DEVICES: readonly ParamRule[] = [
  { method: "device.pair.approve", when: [{ field: "requestId", isPresent: true }], scopes: null },
  { method: "device.token.rotate", when: [{ field: "deviceId", isPresent: true }], scopes: null },
  { method: "device.token.revoke", when: [{ field: "deviceId", isPresent: true }], scopes: null },
];

const RULES: Readonly<Record<string, readonly ParamRule[]>> = {
  // Up to 2026.6 params are looked at by the handlers, after the method was let in for its own scope.
  "2026.5.4": [
    {
      method: "talk.config",
      when: [{ field: "includeSecrets", is: true }],
      scopes: ["operator.read", "operator.talk.secrets"],
    },
    // Params that are not valid are refused as such before that.
    {
      method: "agent",
      when: [
        { field: "message", matches: RESET },
        { field: "idempotencyKey", matches: "." },
        { field: "", hasOnly: ["message", "idempotencyKey"] },
      ],
      scopes: ["operator.write", "operator.admin"],
    },
    {
      method: "agent",
      when: [
        { field: "message", matches: RESET },
        { field: "idempotencyKey", matches: "." },
      ],
      scopes: null,
    },
    { method: "agent", when: [{ field: "model", isPresent: true }], scopes: null },
    { method: "agent", when: [{ field: "provider", isPresent: true }], scopes: null },
    ...DEVICES,
  ],
  "2026.9.6": [
    {
      method: "agent",
      when: [{ field: "message", matches: RESET }],
      scopes: ADMIN,
    },
    {
      method: "talk.config",
      when: [{ field: "includeSecrets", is: true }],
      scopes: ["operator.read", "operator.talk.secrets"],
    },
    {
      method: "environments.list",
      when: [{ field: "runtimeId", matches: "." }],
      scopes: WRITE,
    },
    {
      method: "channels.pairing.approve",
      when: [{ field: "bootstrapCommandOwner", is: true }],
      scopes: ["operator.pairing", "operator.admin"],
    },
    { method: "fs.listDir", when: [{ field: "nodeId", isPresent: true }], scopes: ADMIN },
    // Commands of browsers, folders and terminals are for admins, but not all of them: not measured one by one.
    {
      method: "node.invoke",
      when: [{ field: "command", matches: "^(?:browser|fs|terminal)\\." }],
      scopes: null,
    },
    { method: "sessions.patch", when: [{ field: "permissionMode", is: "full" }], scopes: ADMIN },
    { method: "sessions.patch", when: [{ field: "sandboxMode", isPresent: true }], scopes: ADMIN },
    {
      method: "sessions.patch",
      when: [{ field: "", hasOtherThan: [...PATCHES, ...PATCH_ENVELOPE] }],
      scopes: ADMIN,
    },
    {
      method: "sessions.patchMany",
      when: [{ field: "patch.permissionMode", is: "full" }],
      scopes: ADMIN,
    },
    {
      method: "sessions.patchMany",
      when: [{ field: "patch", hasOtherThan: PATCHES }],
      scopes: ADMIN,
    },
    { method: "sessions.create", when: [{ field: "incognito", is: true }], scopes: ADMIN },
    { method: "sessions.create", when: [{ field: "execNode", isPresent: true }], scopes: ADMIN },
    {
      method: "sessions.create",
      when: [{ field: "toolOverrides", isPresent: true }],
      scopes: ADMIN,
    },
    { method: "sessions.create", when: [{ field: "permissionMode", is: "full" }], scopes: ADMIN },
    { method: "sessions.create", when: [{ field: "key", matches: "incognito" }], scopes: null },
    {
      method: "sessions.create",
      when: [{ field: "parentSessionKey", matches: "incognito" }],
      scopes: null,
    },
    {
      method: "sessions.delete",
      when: [
        { field: "archivedOnly", is: true },
        { field: "", hasOnly: DELETES },
      ],
      scopes: WRITE,
    },
    // These look at whether the params are valid as a whole.
    { method: "sessions.dispatch", when: [{ field: "", hasOtherThan: [] }], scopes: null },
    { method: "sessions.move", when: [{ field: "", hasOtherThan: [] }], scopes: null },
    { method: "plugins.sessionAction", when: [{ field: "", hasOtherThan: [] }], scopes: null },
    ...DEVICES,
  ],
};

/** The scopes that such params need; undefined when the method's own scope is all, null when it is not known. */
export function paramScopes(
  { version }: Pick<Profile, "version">,
  method: string,
  params: unknown,
): readonly string[] | null | undefined {
  const object = isJsonObject(params) ? params : {};
  return ownField(RULES, version)?.find(
    (rule) => rule.method === method && rule.when.every((test) => holds(test, object)),
  )?.scopes;
}

function holds(test: ParamTest, params: JsonObject): boolean {
  const value = valueAt(params, test.field);
  if ("is" in test) return value === test.is;
  if ("matches" in test)
    return typeof value === "string" && new RegExp(test.matches, "i").test(value);
  if ("isPresent" in test) return Object.hasOwn(params, test.field);
  if (!isJsonObject(value)) return false;
  const names = Object.keys(value);
  if ("hasOnly" in test) return names.every((name) => test.hasOnly.includes(name));
  return names.some((name) => !test.hasOtherThan.includes(name));
}

function valueAt(params: JsonObject, field: string): unknown {
  if (field === "") return params;
  let value: unknown = params;
  for (const name of field.split("."))
    value = isJsonObject(value) ? ownField(value, name) : undefined;
  return value;
}
