import { isLoopbackAddress } from "../../gateway/address.ts";
import type { Circumstances, DeviceStanding } from "../../gateway/connect-question.ts";
import { isJsonObject } from "../../gateway/json-object.ts";
import { tokenScopesOf } from "../../gateway/scopes.ts";
import { headerValue } from "../../wire/message.ts";
import { isForwarded, originOf } from "../match/counterparts.ts";
import type { Script, ScriptedConnection, ScriptedRequest } from "../script/script.ts";

/** How the recorded Gateway is configured, as far as its answers show. */
export interface Surroundings extends Pick<
  Circumstances,
  "authMode" | "uiSwitchesAreOn" | "pairsLocalDevices" | "peerIsLoopback"
> {
  /** Origins that were let in or not, beyond those that any local client may have; `*` for all others. */
  readonly origins: ReadonlyMap<string, boolean>;
}

/** Reads from recorded handshakes what they say about the Gateway's configuration; the user says which Origins are allowed besides. */
export function readSurroundings(
  scripts: readonly Script[],
  allowedOrigins: readonly string[],
): Surroundings {
  const connections = scripts.flatMap((script) => script.connections);
  const peers = new Set(connections.map(({ traced }) => traced.peerIsLoopback));
  const [peer = null] = peers;
  return {
    authMode: readAuthMode(connections),
    uiSwitchesAreOn: readUiSwitches(connections),
    pairsLocalDevices: !connections.some(isRefusedLocally),
    // Null when they differ or nobody knows.
    peerIsLoopback: peers.size === 1 ? peer : null,
    origins: new Map([
      ...readOrigins(connections),
      ...allowedOrigins.map((origin) => [origin, true] as const),
    ]),
  };
}

/** What a live client comes from: its own upgrade, and the peer that the recorded Gateway saw in its place, unless another is assumed. */
export function circumstancesOf(
  { origins, ...surroundings }: Surroundings,
  upgrade: ScriptedConnection["upgrade"],
  recorded: ScriptedConnection | null,
  assumesLocal: boolean | null,
): Circumstances {
  const origin = originOf(upgrade);
  return {
    ...surroundings,
    peerIsLoopback: assumesLocal ?? recorded?.traced.peerIsLoopback ?? surroundings.peerIsLoopback,
    origin,
    originIsAllowed: origin === null ? null : (origins.get(origin) ?? origins.get("*") ?? null),
    isForwarded: isForwarded(upgrade),
    // A live client names the replay itself; the recorded one in its place named the Gateway.
    hostIsLoopback: isLoopbackAddress(
      headerValue((recorded?.upgrade ?? upgrade)?.headers ?? [], "host"),
    ),
  };
}

function readAuthMode(connections: readonly ScriptedConnection[]): Circumstances["authMode"] {
  for (const connection of connections) {
    const { connect, hello, refusal } = connection.traced.handshake;
    const code = refusal?.detailCode ?? "";
    if (code.startsWith("AUTH_TOKEN_")) return "token";
    if (code.startsWith("AUTH_PASSWORD_")) return "password";
    const kinds = connect?.authKinds ?? [];
    if (hello === null) continue;
    if (kinds.includes("token")) return "token";
    if (kinds.includes("password")) return "password";
    if (kinds.length === 0) return "none";
  }
  return null;
}

function readUiSwitches(connections: readonly ScriptedConnection[]): boolean | null {
  for (const connection of connections) {
    const { connect, hello, refusal } = connection.traced.handshake;
    if (refusal?.detailCode === "CONTROL_UI_DEVICE_IDENTITY_REQUIRED") return false;
    const isUi = connect?.client.id === "openclaw-control-ui" && connect.device === null;
    if (isUi && hello !== null) return true;
  }
  return null;
}

// A new device that is local is paired without asking, unless the configuration says otherwise.
function isRefusedLocally({ upgrade, traced }: ScriptedConnection): boolean {
  const isNear =
    traced.peerIsLoopback === true && originOf(upgrade) === null && !isForwarded(upgrade);
  return isNear && traced.handshake.refusal?.reason === "not-paired";
}

function readOrigins(connections: readonly ScriptedConnection[]): ReadonlyMap<string, boolean> {
  const origins = new Map<string, boolean>();
  for (const connection of connections) {
    const origin = originOf(connection.upgrade);
    if (origin === null || /^https?:\/\/(?:localhost|127\.|\[::1\])/.test(origin)) continue;
    const { hello, refusal } = connection.traced.handshake;
    if (refusal?.detailCode === "CONTROL_UI_ORIGIN_NOT_ALLOWED") origins.set(origin, false);
    else if (hello !== null || refusal !== null) origins.set(origin, true);
  }
  return origins;
}

/** How a device stands with the Gateway, and how well that is known. */
export interface KnownDevice {
  readonly standing: DeviceStanding;
  /** False when it may be approved for more than the recordings show. */
  readonly isExact: boolean;
}

type Paired = Extract<DeviceStanding, { kind: "paired" }>;

// The clocks that stamp a token and an entry are one machine's, or nearly.
const CLOCK_SLACK_MS = 2000;

/** How each device stands when the recordings end, as far as they show it. */
export function readDevices(scripts: readonly Script[]): Map<string, KnownDevice> {
  const register = new DeviceRegister();
  const answered = scripts
    .flatMap(({ connections }) => connections)
    .flatMap((connection) => {
      const requests = new Map(connection.requests.map((request) => [request.entry, request]));
      return connection.actions.flatMap(({ answers, wallMs }) => {
        const request = answers === null ? undefined : requests.get(answers);
        return request === undefined ? [] : [{ connection, request, wallMs }];
      });
    })
    .toSorted((a, b) => a.wallMs - b.wallMs);
  for (const { connection, request, wallMs } of answered) {
    if (request === connection.requests[0]) register.readConnect(connection, wallMs);
    else register.readCall(request);
  }
  return register.devices;
}

class DeviceRegister {
  readonly devices = new Map<string, KnownDevice>();
  /** Who asked to be paired, by the id of that request. */
  readonly #pending = new Map<string, ScriptedConnection>();

  readConnect(connection: ScriptedConnection, atMs: number): void {
    const { connect, hello, refusal } = connection.traced.handshake;
    const id = connect?.device?.id;
    if (id === undefined) return;
    if (refusal?.detailCode === "PAIRING_REQUIRED") {
      if (refusal.requestId !== null) this.#pending.set(refusal.requestId, connection);
      if (refusal.reason === "not-paired") return this.#unpair(id);
      const details = isJsonObject(refusal.details) ? refusal.details : {};
      const roles = details["approvedRoles"];
      // A refused client may be refused for its very metadata: what was pinned before stays.
      const { platform, deviceFamily } = this.#paired(id) ?? {};
      const standing = {
        ...pairedAs(connection, refusal.approvedScopes ?? []),
        ...(Array.isArray(roles) ? { roles: roles.map(String) } : {}),
        ...(platform === undefined || deviceFamily === undefined ? {} : { platform, deviceFamily }),
      };
      this.devices.set(id, { standing, isExact: true });
    } else if (hello !== null) {
      this.#accept(id, connection, atMs);
    }
  }

  readCall({ answer, method, params }: ScriptedRequest): void {
    if (answer?.ok !== true || !isJsonObject(params)) return;
    const device = String(params["deviceId"]);
    if (method === "device.pair.approve") {
      const asking = this.#pending.get(String(params["requestId"]));
      const connect = asking?.traced.handshake.connect;
      const id = connect?.device?.id;
      if (asking === undefined || id === undefined) return;
      const scopes = connect?.scopes ?? [];
      const approved = new Set([...(this.#paired(id)?.approvedScopes ?? []), ...scopes]);
      const standing = { ...pairedAs(asking, [...approved]), tokenScopes: tokenScopesOf(scopes) };
      this.devices.set(id, { standing, isExact: true });
    } else if (method === "device.pair.remove") {
      this.#unpair(device);
    } else if (method === "device.token.rotate" || method === "device.token.revoke") {
      // Which scopes its token stands for from now on is not followed.
      this.devices.delete(device);
    }
  }

  #accept(id: string, connection: ScriptedConnection, atMs: number): void {
    const { connect, hello } = connection.traced.handshake;
    const known = this.devices.get(id);
    const issuedAtMs = issuedAt(connection);
    if (typeof issuedAtMs !== "number") {
      // No token: a client of the Gateway's own kind was let in without being paired.
      if (known === undefined) this.#unpair(id);
      return;
    }
    const asked = connect?.scopes ?? [];
    const reported = hello?.auth?.scopes ?? [];
    const isNew = known === undefined && Math.abs(atMs - issuedAtMs) < CLOCK_SLACK_MS;
    const before = this.#paired(id);
    const kept = before !== null && asked.every((scope) => before.tokenScopes?.includes(scope));
    const standing = {
      ...pairedAs(connection, [...new Set([...(before?.approvedScopes ?? []), ...asked])]),
      roles: [...new Set([...(before?.roles ?? []), connect?.role ?? "operator"])],
      tokenScopes:
        reported.length > asked.length
          ? reported
          : kept
            ? before.tokenScopes
            : tokenScopesOf(asked),
    };
    this.devices.set(id, { standing, isExact: isNew || (known?.isExact ?? false) });
  }

  #unpair(id: string): void {
    this.devices.set(id, { standing: { kind: "unpaired" }, isExact: true });
  }

  #paired(id: string): Paired | null {
    const standing = this.devices.get(id)?.standing;
    return standing?.kind === "paired" ? standing : null;
  }
}

function pairedAs({ traced }: ScriptedConnection, approvedScopes: readonly string[]): Paired {
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

/** When the token in a hello-ok was issued; undefined without one. */
function issuedAt({ connectAnswer }: ScriptedConnection): unknown {
  const payload = connectAnswer?.act.frame["payload"];
  const auth = isJsonObject(payload) ? payload["auth"] : null;
  return isJsonObject(auth) ? auth["issuedAtMs"] : undefined;
}
