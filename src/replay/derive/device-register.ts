import type { DeviceStanding } from "../../gateway/connect-question.ts";
import { isJsonObject } from "../../gateway/json-object.ts";
import { tokenScopesOf } from "../../gateway/scope-lists.ts";
import { recordedHandshake } from "../script/recorded-handshake.ts";
import type { Cue, Script, ScriptedConnection, ScriptedRequest } from "../script/script.ts";

/** How a device stands with the Gateway, and how well that is known. */
export interface KnownDevice {
  readonly standing: DeviceStanding;
  /** False when it may be approved for more than the recordings show. */
  readonly isExact: boolean;
}

// The clocks that stamp a token and an entry are one machine's, or nearly.
const CLOCK_SLACK_MS = 2000;

/** How each device stands when the recordings end, as far as they show it. */
export function readDevices(scripts: readonly Script[]): Map<string, KnownDevice> {
  const devices = new Map<string, KnownDevice>();
  const pending = new Map<string, ScriptedConnection>();
  for (const { connection, request, cue } of inOrder(scripts)) {
    if (request === connection.requests[0]) readConnect(connection, cue, devices, pending);
    else readCall(request, devices, pending);
  }
  return devices;
}

interface Told {
  readonly connection: ScriptedConnection;
  readonly request: ScriptedRequest;
  readonly cue: Cue;
}

function inOrder(scripts: readonly Script[]): readonly Told[] {
  return scripts
    .flatMap(({ connections }) => connections)
    .flatMap((connection) => {
      const requests = new Map(connection.requests.map((request) => [request.entry, request]));
      return connection.cues.flatMap((cue) => {
        const request = cue.answers === null ? undefined : requests.get(cue.answers);
        return request === undefined ? [] : [{ connection, request, cue }];
      });
    })
    .toSorted((a, b) => a.cue.wallMs - b.cue.wallMs);
}

function readConnect(
  connection: ScriptedConnection,
  cue: Cue,
  devices: Map<string, KnownDevice>,
  pending: Map<string, ScriptedConnection>,
): void {
  const { identity } = connection;
  const id = identity?.device?.id;
  if (id === undefined) return;
  const { hello, refusal } = recordedHandshake(connection);
  if (refusal?.detailCode === "PAIRING_REQUIRED") {
    if (refusal.requestId !== null) pending.set(refusal.requestId, connection);
    const details = isJsonObject(refusal.details) ? refusal.details : {};
    devices.set(id, {
      standing:
        refusal.reason === "not-paired"
          ? { kind: "unpaired" }
          : {
              ...pairedAs(connection, refusal.approvedScopes ?? []),
              ...rolesIn(details["approvedRoles"]),
              ...metadataOf(devices.get(id)),
            },
      isExact: true,
    });
  } else if (hello !== null) {
    const known = devices.get(id);
    const next = acceptedAs(connection, hello["auth"], cue.wallMs, known);
    if (next !== null) devices.set(id, next);
  }
}

function acceptedAs(
  connection: ScriptedConnection,
  auth: unknown,
  atMs: number,
  known: KnownDevice | undefined,
): KnownDevice | null {
  const hello = isJsonObject(auth) ? auth : {};
  const issuedAtMs = hello["issuedAtMs"];
  if (typeof issuedAtMs !== "number") {
    // No token: a client of the Gateway's own kind was let in without being paired.
    return known ?? { standing: { kind: "unpaired" }, isExact: true };
  }
  const asked = connection.identity?.scopes ?? [];
  const reported = connection.granted ?? [];
  const isNew = known === undefined && Math.abs(atMs - issuedAtMs) < CLOCK_SLACK_MS;
  const before = known?.standing.kind === "paired" ? known.standing : null;
  const approvedScopes = [...new Set([...(before?.approvedScopes ?? []), ...asked])];
  const covers = asked.every((scope) => before?.tokenScopes?.includes(scope));
  return {
    standing: {
      ...pairedAs(connection, approvedScopes),
      roles: [...new Set([...(before?.roles ?? []), connection.identity?.role ?? "operator"])],
      tokenScopes:
        reported.length > asked.length
          ? reported
          : covers && before !== null
            ? before.tokenScopes
            : tokenScopesOf(asked),
    },
    isExact: isNew || (known?.isExact ?? false),
  };
}

function readCall(
  request: ScriptedRequest,
  devices: Map<string, KnownDevice>,
  pending: Map<string, ScriptedConnection>,
): void {
  if (request.answer?.ok !== true || !isJsonObject(request.params)) return;
  const { params } = request;
  if (request.method === "device.pair.approve") {
    const asking = pending.get(String(params["requestId"]));
    const id = asking?.identity?.device?.id;
    if (asking === undefined || id === undefined) return;
    const known = devices.get(id);
    const before = known?.standing.kind === "paired" ? known.standing.approvedScopes : [];
    const scopes = asking.identity?.scopes ?? [];
    const standing = pairedAs(asking, [...new Set([...before, ...scopes])]);
    devices.set(id, {
      standing: { ...standing, tokenScopes: tokenScopesOf(scopes) },
      isExact: true,
    });
  }
  const device = String(params["deviceId"]);
  if (request.method === "device.pair.remove") {
    devices.set(device, { standing: { kind: "unpaired" }, isExact: true });
  } else if (request.method === "device.token.rotate" || request.method === "device.token.revoke") {
    // Which scopes its token stands for from now on is not followed.
    devices.delete(device);
  }
}

function pairedAs(
  { identity }: ScriptedConnection,
  approvedScopes: readonly string[],
): Extract<DeviceStanding, { kind: "paired" }> {
  return {
    kind: "paired",
    roles: [identity?.role ?? "operator"],
    approvedScopes,
    tokenScopes: tokenScopesOf(approvedScopes),
    platform: identity?.client.platform ?? "",
    deviceFamily: identity?.client.deviceFamily ?? "",
  };
}

function rolesIn(value: unknown): { readonly roles?: readonly string[] } {
  return Array.isArray(value) ? { roles: value.map(String) } : {};
}

// A refused client may be refused for its very metadata: what was pinned before stays.
function metadataOf(known: KnownDevice | undefined): {
  readonly platform?: string;
  readonly deviceFamily?: string;
} {
  if (known?.standing.kind !== "paired") return {};
  const { platform, deviceFamily } = known.standing;
  return { platform, deviceFamily };
}
