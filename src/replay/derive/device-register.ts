import type { DeviceStanding } from "../../gateway/connect-question.ts";
import { isJsonObject } from "../../gateway/json-object.ts";
import { tokenScopesOf } from "../../gateway/scopes.ts";
import type {
  ScriptedAction,
  Script,
  ScriptedConnection,
  ScriptedRequest,
} from "../script/script.ts";

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
  for (const { connection, request, action } of inOrder(scripts)) {
    if (request === connection.requests[0]) readConnect(connection, action, devices, pending);
    else readCall(request, devices, pending);
  }
  return devices;
}

interface Told {
  readonly connection: ScriptedConnection;
  readonly request: ScriptedRequest;
  readonly action: ScriptedAction;
}

function inOrder(scripts: readonly Script[]): readonly Told[] {
  return scripts
    .flatMap(({ connections }) => connections)
    .flatMap((connection) => {
      const requests = new Map(connection.requests.map((request) => [request.entry, request]));
      return connection.actions.flatMap((action) => {
        const request = action.answers === null ? undefined : requests.get(action.answers);
        return request === undefined ? [] : [{ connection, request, action }];
      });
    })
    .toSorted((a, b) => a.action.wallMs - b.action.wallMs);
}

function readConnect(
  connection: ScriptedConnection,
  action: ScriptedAction,
  devices: Map<string, KnownDevice>,
  pending: Map<string, ScriptedConnection>,
): void {
  const { connect, hello, refusal } = connection.traced.handshake;
  const id = connect?.device?.id;
  if (id === undefined) return;
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
    const next = acceptedAs(connection, action.wallMs, known);
    if (next !== null) devices.set(id, next);
  }
}

function acceptedAs(
  connection: ScriptedConnection,
  atMs: number,
  known: KnownDevice | undefined,
): KnownDevice | null {
  const { connect, hello } = connection.traced.handshake;
  const issuedAtMs = issuedAt(connection);
  if (typeof issuedAtMs !== "number") {
    // No token: a client of the Gateway's own kind was let in without being paired.
    return known ?? { standing: { kind: "unpaired" }, isExact: true };
  }
  const asked = connect?.scopes ?? [];
  const reported = hello?.auth?.scopes ?? [];
  const isNew = known === undefined && Math.abs(atMs - issuedAtMs) < CLOCK_SLACK_MS;
  const before = known?.standing.kind === "paired" ? known.standing : null;
  const approvedScopes = [...new Set([...(before?.approvedScopes ?? []), ...asked])];
  const covers = asked.every((scope) => before?.tokenScopes?.includes(scope));
  return {
    standing: {
      ...pairedAs(connection, approvedScopes),
      roles: [...new Set([...(before?.roles ?? []), connect?.role ?? "operator"])],
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
    const connect = asking?.traced.handshake.connect;
    const id = connect?.device?.id;
    if (asking === undefined || id === undefined) return;
    const known = devices.get(id);
    const before = known?.standing.kind === "paired" ? known.standing.approvedScopes : [];
    const scopes = connect?.scopes ?? [];
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
  { traced }: ScriptedConnection,
  approvedScopes: readonly string[],
): Extract<DeviceStanding, { kind: "paired" }> {
  const { connect } = traced.handshake;
  return {
    kind: "paired",
    roles: [connect?.role ?? "operator"],
    approvedScopes,
    tokenScopes: tokenScopesOf(approvedScopes),
    platform: connect?.client.platform ?? "",
    deviceFamily: connect?.client.deviceFamily ?? "",
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

/** When the token in a hello-ok was issued; undefined without one. */
function issuedAt({ connectAnswer }: ScriptedConnection): unknown {
  const payload = connectAnswer?.act.frame["payload"];
  const auth = isJsonObject(payload) ? payload["auth"] : null;
  return isJsonObject(auth) ? auth["issuedAtMs"] : undefined;
}
