import type { Circumstances } from "../../gateway/connect-question.ts";
import { isLoopbackAddress } from "../../gateway/address.ts";
import { headerValue } from "../../wire/message.ts";
import type { Assumptions } from "./assumptions.ts";
import { isForwarded, originOf } from "../match/compare-client.ts";
import type { Script, ScriptedConnection } from "../script/script.ts";

/** How the recorded Gateway is configured, as far as its answers show. */
export interface Surroundings {
  readonly authMode: Circumstances["authMode"];
  readonly uiSwitchesAreOn: boolean | null;
  readonly pairsLocalDevices: boolean;
  /** Origins that were let in or not, beyond those that any local client may have; `*` for all others. */
  readonly origins: ReadonlyMap<string, boolean>;
  /** Whether all recorded clients had a loopback peer; null when they differ or nobody knows. */
  readonly peerIsLoopback: boolean | null;
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
    origins: new Map([
      ...readOrigins(connections),
      ...allowedOrigins.map((origin) => [origin, true] as const),
    ]),
    peerIsLoopback: peers.size === 1 ? peer : null,
  };
}

/** What a live client comes from: its own upgrade, and the peer that the recorded Gateway saw in its place. */
export function circumstancesOf(
  surroundings: Surroundings,
  upgrade: ScriptedConnection["upgrade"],
  recorded: ScriptedConnection | null,
  { peer }: Assumptions,
): Circumstances {
  const origin = originOf(upgrade);
  const { authMode, uiSwitchesAreOn, pairsLocalDevices, origins } = surroundings;
  return {
    peerIsLoopback:
      peer === undefined
        ? (recorded?.traced.peerIsLoopback ?? surroundings.peerIsLoopback)
        : peer === "local",
    origin,
    originIsAllowed: origin === null ? null : (origins.get(origin) ?? origins.get("*") ?? null),
    isForwarded: isForwarded(upgrade),
    // A live client names the replay itself; the recorded one in its place named the Gateway.
    hostIsLoopback: isLoopbackAddress(
      headerValue((recorded?.upgrade ?? upgrade)?.headers ?? [], "host"),
    ),
    authMode,
    uiSwitchesAreOn,
    pairsLocalDevices,
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
function isRefusedLocally(connection: ScriptedConnection): boolean {
  const { upgrade, traced } = connection;
  const { refusal } = traced.handshake;
  if (traced.peerIsLoopback !== true || originOf(upgrade) !== null || isForwarded(upgrade))
    return false;
  return refusal?.reason === "not-paired";
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
