import type { ConnectQuestion } from "./connect-question.ts";
import type { Profile } from "./profile.ts";
import { ownField } from "./json-object.ts";

/** How one Gateway version decides on a `connect`: data, measured on that version and read in its source. */
export interface ConnectRules {
  /** Client ids and modes that `connect` takes; others are invalid params. */
  readonly clientIds: readonly string[];
  readonly clientModes: readonly string[];
  /** Clients of the operator's own screens: they need a device identity even with the shared token. */
  readonly operatorUis: readonly string[];
  /** Those of them that are browsers: their Origin is checked whether or not they send one. */
  readonly browserUis: readonly string[];
  /** Probes and nodes may still ask for the protocol before. */
  readonly takesOlderProbesAndNodes: boolean;
  /** `error.details` of a protocol mismatch names the client's range as well. */
  readonly namesProtocolRange: boolean;
  /** A forwarding header from a peer that is no trusted proxy is refused before there is a WebSocket. */
  readonly refusesForwarding: boolean;
  /** Whether switches of the configuration can let an operator's screen in without a device identity. */
  readonly uiSwitches: boolean;
  /** `gateway-client/backend`, local, needs no device identity where no authentication is configured. */
  readonly backendNeedsNoAuth: boolean;
  /** `gateway-client/backend`, local, keeps what it asks for even where its paired device is approved for less. */
  readonly backendSkipsPairing: boolean;
  /** A paired local device with the shared token or password gets more scopes without asking. */
  readonly upgradesScopesSilently: boolean;
  /** A paired local device gets another role without asking. */
  readonly upgradesRolesSilently: boolean;
  /** Empty lists in the details of a pairing refusal are left out. */
  readonly leavesOutEmptyLists: boolean;
  /** A client that says it is a CLI is told of its own Gateway's token when it is local. */
  readonly hintsLocally: boolean;
  /** An operator's screen that waits for approval is told to wait and try again. */
  readonly uiWaitsForApproval: boolean;
  /** The shared credential may stand in the field of the other kind. */
  readonly takesEitherField: boolean;
  /** hello-ok says by which method the client authenticated. */
  readonly helloNamesMethod: boolean;
  /** An Origin is checked whoever sends it, not only a browser's. */
  readonly checksEveryOrigin: boolean;
  /** A peer is local only when it also names a loopback `Host`. */
  readonly localNeedsLoopbackHost: boolean;
  /** `gateway-client/backend` with a new device is paired when local, rather than let in without being paired. */
  readonly pairsBackends: boolean;
  /** A device that comes from another platform has to be approved again. */
  readonly pinsMetadata: boolean;
  /**
   * False where only the codes of refusals were measured, not their words and details: whom the rules refuse, and for what, is
   * known then, but not what exactly is answered.
   */
  readonly wordsRefusals: boolean;
}

const CLIENT_IDS = [
  "webchat-ui",
  "openclaw-control-ui",
  "openclaw-tui",
  "webchat",
  "cli",
  "gateway-client",
  "openclaw-macos",
  "openclaw-ios",
  "openclaw-android",
  "node-host",
  "test",
  "fingerprint",
  "openclaw-probe",
];

const CLIENT_MODES = ["webchat", "cli", "ui", "backend", "node", "probe", "test"];

/**
 * What is common to the versions of which whom they let in was measured, and for the rest only the codes. What was not measured is
 * set so that it leads to a refusal, and that is not known to the last word.
 */
const PARTLY_MEASURED: ConnectRules = {
  clientIds: ["openclaw-control-ui", "webchat-ui", "cli", "gateway-client", "test", "node-host"],
  clientModes: CLIENT_MODES,
  operatorUis: ["openclaw-control-ui", "openclaw-tui"],
  browserUis: ["openclaw-control-ui"],
  takesOlderProbesAndNodes: false,
  namesProtocolRange: false,
  refusesForwarding: false,
  uiSwitches: true,
  backendNeedsNoAuth: false,
  backendSkipsPairing: false,
  upgradesScopesSilently: false,
  upgradesRolesSilently: false,
  leavesOutEmptyLists: false,
  hintsLocally: false,
  uiWaitsForApproval: false,
  takesEitherField: false,
  helloNamesMethod: false,
  checksEveryOrigin: true,
  localNeedsLoopbackHost: false,
  pairsBackends: false,
  pinsMetadata: true,
  wordsRefusals: false,
};

const RULES: Readonly<Record<string, ConnectRules>> = {
  "2026.2.19": {
    ...PARTLY_MEASURED,
    operatorUis: ["openclaw-control-ui"],
    checksEveryOrigin: false,
    localNeedsLoopbackHost: true,
    pairsBackends: true,
    pinsMetadata: false,
  },
  "2026.3.13": { ...PARTLY_MEASURED, localNeedsLoopbackHost: true, upgradesScopesSilently: true },
  "2026.5.4": {
    clientIds: CLIENT_IDS,
    clientModes: CLIENT_MODES,
    operatorUis: ["openclaw-control-ui", "openclaw-tui"],
    browserUis: ["openclaw-control-ui"],
    takesOlderProbesAndNodes: false,
    namesProtocolRange: false,
    refusesForwarding: false,
    uiSwitches: true,
    backendNeedsNoAuth: false,
    backendSkipsPairing: false,
    upgradesScopesSilently: false,
    upgradesRolesSilently: true,
    leavesOutEmptyLists: false,
    hintsLocally: false,
    uiWaitsForApproval: false,
    takesEitherField: false,
    helloNamesMethod: false,
    checksEveryOrigin: true,
    localNeedsLoopbackHost: false,
    pairsBackends: false,
    pinsMetadata: true,
    wordsRefusals: true,
  },
  "2026.6.11": { ...PARTLY_MEASURED, backendNeedsNoAuth: true },
  "2026.9.6": {
    // The browser copilot and the workers have rules of their own that were not measured.
    clientIds: [...CLIENT_IDS, "openclaw-linux", "openclaw-watchos"],
    clientModes: CLIENT_MODES,
    operatorUis: ["openclaw-control-ui", "openclaw-tui"],
    browserUis: ["openclaw-control-ui"],
    takesOlderProbesAndNodes: true,
    namesProtocolRange: true,
    refusesForwarding: true,
    uiSwitches: false,
    backendNeedsNoAuth: true,
    backendSkipsPairing: true,
    upgradesScopesSilently: true,
    upgradesRolesSilently: false,
    leavesOutEmptyLists: true,
    hintsLocally: true,
    uiWaitsForApproval: true,
    takesEitherField: true,
    helloNamesMethod: true,
    checksEveryOrigin: true,
    localNeedsLoopbackHost: false,
    pairsBackends: false,
    pinsMetadata: true,
    wordsRefusals: true,
  },
};

/** The rules of a profile's version; null where none were measured. What they leave open, `wordsRefusals` says. */
export function connectRulesOf(profile: Profile): ConnectRules | null {
  return ownField(RULES, profile.version) ?? null;
}

/** Whether a client is a screen of the operator's, a chat in the browser included. */
export function isScreen({ id, mode }: ConnectQuestion["client"], rules: ConnectRules): boolean {
  return rules.operatorUis.includes(id) || mode === "webchat" || id === "webchat-ui";
}

/** How the shared credential stands: in its own field, or in the other's where the version looks there too. */
export function sharedCredential(
  { token, password }: ConnectQuestion["credentials"],
  authMode: "token" | "password",
  { takesEitherField }: ConnectRules,
): ConnectQuestion["credentials"]["token"] {
  const [own, other] = authMode === "token" ? [token, password] : [password, token];
  return own === "absent" && takesEitherField ? other : own;
}
