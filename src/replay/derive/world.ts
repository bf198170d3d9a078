import { randomUUID } from "node:crypto";
import { GwTraceError } from "../../errors.ts";
import {
  parseConnectParams,
  type ConnectDecision,
  type ConnectParams,
  type ConnectQuestion,
  type Credential,
  type DeviceStanding,
} from "../../gateway/connect-question.ts";
import { decideConnect } from "../../gateway/decide-connect.ts";
import { verifyDevice } from "../../gateway/device.ts";
import { isJsonObject } from "../../gateway/json-object.ts";
import type { Profile } from "../../gateway/profile.ts";
import { amendRules, nameRules, rulesFor, type Rules } from "../../gateway/rules.ts";
import { OPERATOR_SCOPES, tokenScopesOf } from "../../gateway/scopes.ts";
import { isForwarded, originOf, type Counterpart } from "../match/counterparts.ts";
import type { Script, ScriptedConnection } from "../script/script.ts";
import {
  circumstancesOf,
  readDevices,
  readSurroundings,
  type KnownDevice,
  type Surroundings,
} from "./recorded-world.ts";

/** What the recordings do not say and the user states instead. */
export interface Assumptions {
  /** What the Gateway sees as the peer of the live clients. */
  readonly peer?: "local" | "remote";
  /** How devices stand that the recordings do not show: not paired, or approved for these scopes. */
  readonly devices?: "unpaired" | readonly string[];
  /** The Gateway's shared token; any other is wrong. */
  readonly token?: string;
  /** The Gateway's password; any other is wrong. */
  readonly password?: string;
}

/**
 * Reads the values of `--assume`: `local`, `remote`, `unpaired`, `paired=operator.read,operator.write`. The last of a kind counts.
 * @throws {GwTraceError} USAGE
 */
export function parseAssumptions(values: readonly string[]): Assumptions {
  return Object.assign({}, ...values.map(parseAssumption));
}

function parseAssumption(value: string): Assumptions {
  if (value === "local" || value === "remote") return { peer: value };
  if (value === "unpaired") return { devices: "unpaired" };
  const scopes = /^paired=(.+)$/.exec(value)?.[1]?.split(",") ?? [];
  if (scopes.length > 0 && scopes.every((scope) => /^[a-z]+(?:\.[a-z]+)+$/.test(scope))) {
    return { devices: scopes };
  }
  throw new GwTraceError(
    "USAGE",
    `--assume ${value} is no assumption that a replay knows`,
    "Write local, remote, unpaired, or paired=operator.read,operator.write with the scopes approved.",
  );
}

/** A live `connect` to be decided on. */
export interface LiveHandshake {
  readonly params: unknown;
  readonly upgrade: ScriptedConnection["upgrade"];
  readonly nonce: string;
  readonly nowMs: number;
}

/** A decision on a live `connect`, and what it was asked. */
export interface WorldDecision {
  readonly question: ConnectQuestion | null;
  readonly decision: ConnectDecision;
  /** Where the decision is from, in words. */
  readonly source: string;
  /** True for a peer whose failures Gateways count: one that is not loopback, or a browser. */
  readonly isCounted: boolean;
}

const EVERYTHING = [...OPERATOR_SCOPES, "operator.questions", "operator.talk"];

/** What the replayed Gateway knows: its version's rules, its configuration and its devices. Learns as clients come. */
export class World {
  /** Null where the recordings do not say the version, or are of several. */
  readonly version: string | null;
  readonly rules: Rules | null;
  /** What answers may be taken from. */
  readonly scripts: readonly Script[];
  readonly #surroundings: Surroundings;
  readonly #devices: Map<string, KnownDevice>;
  readonly #assumptions: Assumptions;
  readonly #issued = new Map<string, string>();
  readonly #pending = new Map<string, string>();
  /** Wrong credentials from peers that Gateways count them for. */
  #failures = 0;

  constructor(
    scripts: readonly Script[],
    assumptions: Assumptions,
    /** What counts for the versions that these profiles are of. */
    profiles: readonly Profile[] = [],
    allowedOrigins: readonly string[] = [],
  ) {
    const applied = scripts.flatMap(({ rules }) => rules).filter((one) => one.version !== null);
    const versions = new Set(applied.map((one) => one.version));
    const [version = null] = versions;
    this.version = versions.size === 1 ? version : null;
    const shown = applied.flatMap(({ amendments }) => amendments);
    this.rules = this.version === null ? null : amendRules(rulesFor(this.version, profiles), shown);
    this.scripts = scripts;
    this.#surroundings = readSurroundings(scripts, allowedOrigins);
    this.#devices = readDevices(scripts);
    this.#assumptions = assumptions;
  }

  /**
   * Decides on a live `connect` by the rules, where the recorded answer is not the answer to it; null where it is. `reuse` lets
   * clients in for whom nothing recorded is left. Changes nothing.
   */
  decide(
    live: LiveHandshake,
    counterpart: Counterpart | null,
    reuse: boolean,
  ): WorldDecision | null {
    if (counterpart === null && !reuse) return null;
    const recorded = counterpart?.connection ?? null;
    const question = this.#readQuestion(live);
    const isToBeDecided =
      counterpart === null ||
      counterpart.differences.length > 0 ||
      Boolean(counterpart.connection.requests[0]?.unseen) ||
      (question !== null && this.#contradicts(counterpart.connection, live, question));
    return isToBeDecided ? this.#decide(live, recorded, question) : null;
  }

  /** True when the recorded answer cannot be the answer to this client, however much it looks like the recorded one. */
  #contradicts(
    recorded: ScriptedConnection,
    live: LiveHandshake,
    question: ConnectQuestion,
  ): boolean {
    const { upgrade, traced } = recorded;
    if (originOf(upgrade) !== originOf(live.upgrade)) return true;
    if (isForwarded(upgrade) !== isForwarded(live.upgrade)) return true;
    const { token: known, devices } = this.#assumptions;
    const isLocal = this.#assumesLocal;
    if (isLocal !== null && isLocal !== traced.peerIsLoopback) return true;
    const { hello, refusal, connect } = traced.handshake;
    const code = refusal?.detailCode ?? "";
    const { device, credentials } = question;
    if (hello !== null && (isBad(credentials.token) || isBad(credentials.password))) return true;
    const isMismatch = code === "AUTH_TOKEN_MISMATCH" && credentials.token === "right";
    if (known !== undefined && isMismatch) return true;
    if (device === null || isPlayedBack(recorded, live.params)) return false;
    if (device.proof.ok === code.startsWith("DEVICE_AUTH_")) return true;
    const isKnown = this.#devices.has(device.id) || devices !== undefined;
    return device.id !== connect?.device?.id && isKnown;
  }

  #decide(
    live: LiveHandshake,
    recorded: ScriptedConnection | null,
    question: ConnectQuestion | null,
  ): WorldDecision {
    const unknown = (missing: string): WorldDecision => ({
      question,
      decision: { kind: "unknown", missing },
      source: "",
      isCounted: false,
    });
    const profile = this.rules?.profile;
    if (profile === undefined) return unknown("which version the recorded Gateway is");
    if (question === null) return unknown("how its invalid connect params would be answered");
    const circumstances = circumstancesOf(
      this.#surroundings,
      live.upgrade,
      recorded,
      this.#assumesLocal,
    );
    const isCounted = circumstances.peerIsLoopback !== true || circumstances.origin !== null;
    if (isCounted && this.#failures >= 9) {
      return unknown("whether it failed too often already to be let in");
    }
    const requestId = this.#pending.get(pendingKey(question)) ?? randomUUID();
    const [decision, ...others] = this.#standings(question).map((standing) =>
      decideConnect({ question, circumstances, standing, profile, requestId }),
    );
    // A client may not be able to tell them apart. The standing that they leave behind is another matter.
    if (decision === undefined || others.some((other) => visible(other) !== visible(decision))) {
      return unknown(
        this.#devices.has(question.device?.id ?? "")
          ? "what its device is approved for beyond what was recorded"
          : "whether its device is paired, and for what (say it with --assume unpaired or --assume paired=…)",
      );
    }
    return { question, decision, source: this.#describe(question), isCounted };
  }

  /** Takes in that a live client was answered so. The token is the one that its hello-ok carries. */
  note({ question, decision, isCounted }: WorldDecision, token: string | null): void {
    const id = question?.device?.id;
    if (question === null) return;
    if (decision.kind === "refused") {
      const { details } = decision.error;
      const requestId = details?.["requestId"];
      if (decision.pends) this.#pending.set(pendingKey(question), String(requestId));
      if (isCounted && details?.["authReason"] !== undefined) this.#failures += 1;
    }
    if (decision.kind !== "accepted" || id === undefined || decision.standing === null) return;
    this.#devices.set(id, {
      standing: decision.standing,
      isExact: this.#devices.get(id)?.isExact ?? true,
    });
    if (token !== null) this.#issued.set(id, token);
  }

  /** The token that a device has from this replay; null when it has none. */
  issuedToken(id: string): string | null {
    return this.#issued.get(id) ?? null;
  }

  /** Reads a live `connect` as the recorded Gateway would, its device proof verified; null when its params are not valid. */
  #readQuestion({ params, nonce, nowMs }: LiveHandshake): ConnectQuestion | null {
    const data = parseConnectParams(params);
    if (data === null) return null;
    const { client, role = "operator", scopes = [], minProtocol, maxProtocol, device } = data;
    const { id, mode, platform, deviceFamily = "" } = client;
    const challenge = { nonce, nowMs };
    return {
      client: { id, mode, platform, deviceFamily },
      role,
      scopes,
      minProtocol,
      maxProtocol,
      credentials: this.#readCredentials(data),
      device:
        device === undefined
          ? null
          : { id: device.id, proof: verifyDevice(device, data, challenge) },
    };
  }

  #readCredentials({ auth = {}, device }: ConnectParams): ConnectQuestion["credentials"] {
    const { token, password } = this.#assumptions;
    const issued = device === undefined ? undefined : this.#issued.get(device.id);
    const isIssued = auth.token !== undefined && auth.token === issued;
    // Whether it may be paired with a token that only the recorded Gateway knows.
    const known = this.#devices.get(device?.id ?? "")?.standing.kind === "paired";
    const isForeign =
      device !== undefined &&
      (this.#devices.has(device.id) ? known : this.#assumptions.devices !== "unpaired");
    return {
      token: isIssued ? "device-token" : judgeShared(auth.token, token ?? password),
      password: judgeShared(auth.password, password ?? token),
      deviceToken: judgeDeviceToken(auth.deviceToken, issued, isForeign),
      bootstrapToken: isAbsent(auth.bootstrapToken) ? "absent" : "unknown",
    };
  }

  /** Whether the user says that live clients have a loopback peer; null when not. */
  get #assumesLocal(): boolean | null {
    const { peer } = this.#assumptions;
    return peer === undefined ? null : peer === "local";
  }

  /** How the device may stand: one way where it is known, several where it is not. */
  #standings({ device, client }: ConnectQuestion): readonly (DeviceStanding | null)[] {
    if (device === null) return [null];
    const known = this.#devices.get(device.id);
    if (known !== undefined) {
      if (known.isExact || known.standing.kind === "unpaired") return [known.standing];
      return [known.standing, { ...known.standing, approvedScopes: EVERYTHING }];
    }
    const { devices } = this.#assumptions;
    if (devices === "unpaired") return [{ kind: "unpaired" }];
    const paired = (scopes: readonly string[]): DeviceStanding => ({
      kind: "paired",
      roles: ["operator"],
      approvedScopes: scopes,
      tokenScopes: tokenScopesOf(scopes),
      platform: client.platform,
      deviceFamily: client.deviceFamily,
    });
    if (devices !== undefined) return [paired(devices)];
    return [{ kind: "unpaired" }, paired(EVERYTHING), paired([])];
  }

  #describe({ device, credentials }: ConnectQuestion): string {
    const rules = this.rules === null ? "" : nameRules(this.rules);
    const { peer, devices, token } = this.#assumptions;
    const assumed = [
      ...(peer === undefined ? [] : [`a ${peer} peer assumed`]),
      ...(device !== null && !this.#devices.has(device.id) && devices !== undefined
        ? [`its device assumed ${devices === "unpaired" ? "unpaired" : "paired"}`]
        : []),
      ...(credentials.token === "right" && token === undefined
        ? ["its token taken for right"]
        : []),
    ];
    return [rules, ...assumed].join(", ");
  }
}

// The Gateway keeps one request for the same device, role and scopes.
function pendingKey({ device, role, scopes }: ConnectQuestion): string {
  return JSON.stringify([device?.id, role, scopes.toSorted()]);
}

function visible(decision: ConnectDecision): string {
  if (decision.kind !== "accepted") return JSON.stringify(decision);
  const { kind, role, scopes, reported, protocol, method } = decision;
  return JSON.stringify([kind, role, scopes, reported, protocol, method]);
}

// Where nobody says what is right, a live credential is taken for right, as the recorded one in its place was.
function judgeShared(
  live: string | undefined,
  right: string | undefined,
): "absent" | "right" | "wrong" {
  if (isAbsent(live)) return "absent";
  return right === undefined || live === right ? "right" : "wrong";
}

function judgeDeviceToken(
  live: string | undefined,
  issued: string | undefined,
  isForeign: boolean,
): Credential {
  if (isAbsent(live)) return "absent";
  if (issued !== undefined) return live === issued ? "right" : "wrong";
  return isForeign ? "unknown" : "wrong";
}

function isAbsent(value: string | undefined): boolean {
  return value === undefined || value.trim() === "";
}

function isBad(credential: string): boolean {
  return credential === "wrong" || credential === "device-token";
}

/** A recorded client that is played back says its old proof again: it has no key to sign the new challenge with. */
function isPlayedBack({ requests }: ScriptedConnection, params: unknown): boolean {
  const theirs = isJsonObject(requests[0]?.params) ? requests[0].params["device"] : null;
  const ours = isJsonObject(params) ? params["device"] : null;
  return isJsonObject(theirs) && isJsonObject(ours) && theirs["signature"] === ours["signature"];
}
