import { randomUUID } from "node:crypto";
import type {
  ConnectCase,
  ConnectDecision,
  ConnectQuestion,
  DeviceStanding,
} from "../../gateway/connect-question.ts";
import { decideConnect } from "../../gateway/decide-connect.ts";
import type { Profile } from "../../gateway/profile.ts";
import { amendRules, nameRules, rulesFor, type Rules } from "../../gateway/rules.ts";
import { OPERATOR_SCOPES, tokenScopesOf } from "../../gateway/scopes.ts";
import type { Assumptions } from "./assumptions.ts";
import { readDevices, type KnownDevice } from "./device-register.ts";
import { readQuestion } from "./live-question.ts";
import type { Script, ScriptedConnection } from "../script/script.ts";
import { circumstancesOf, readSurroundings, type Surroundings } from "./surroundings.ts";

/** A live `connect` to be decided on. */
export interface LiveHandshake {
  readonly params: unknown;
  readonly upgrade: ScriptedConnection["upgrade"];
  /** The recorded connection in whose place it comes; null when there is none. */
  readonly recorded: ScriptedConnection | null;
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

/** What else counts in it. */
export interface WorldOptions {
  /** What counts for the versions that these profiles are of. */
  readonly profiles?: readonly Profile[] | undefined;
  /** Origins that are let in. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

const EVERYTHING = [...OPERATOR_SCOPES, "operator.questions", "operator.talk"];

/** What the replayed Gateway knows: its version's rules, its configuration and its devices. Learns as clients come. */
export class World {
  /** Null where the recordings do not say the version, or are of several. */
  readonly version: string | null;
  readonly rules: Rules | null;
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
    { profiles, allowedOrigins = [] }: WorldOptions = {},
  ) {
    const applied = scripts.flatMap(({ rules }) => rules).filter((one) => one.version !== null);
    const versions = new Set(applied.map((one) => one.version));
    const [version = null] = versions;
    this.version = versions.size === 1 ? version : null;
    const shown = applied.flatMap(({ amendments }) => amendments);
    this.rules = this.version === null ? null : amendRules(rulesFor(this.version, profiles), shown);
    this.#surroundings = readSurroundings(scripts, allowedOrigins);
    this.#devices = readDevices(scripts);
    this.#assumptions = assumptions;
  }

  /** The rules of its version; null where that is not known. */
  get profile(): Profile | null {
    return this.rules?.profile ?? null;
  }

  /** Whether the recordings, or the user, say how a device stands. */
  knowsDevice(id: string): boolean {
    return this.#devices.has(id) || this.#assumptions.devices !== undefined;
  }

  /** Whether the user says that live clients have a loopback peer; null when not. */
  get assumesPeer(): boolean | null {
    const { peer } = this.#assumptions;
    return peer === undefined ? null : peer === "local";
  }

  /** True when the right token is known. */
  get knowsToken(): boolean {
    return this.#assumptions.token !== undefined;
  }

  /** Decides on a live `connect`. Changes nothing. */
  decide(live: LiveHandshake): WorldDecision {
    const question = this.readQuestion(live);
    const unknown = (missing: string): WorldDecision => ({
      question,
      decision: { kind: "unknown", missing },
      source: "",
      isCounted: false,
    });
    const { profile } = this;
    if (profile === null) return unknown("which version the recorded Gateway is");
    if (question === null) return unknown("how its invalid connect params would be answered");
    const recorded = live.recorded;
    const circumstances = circumstancesOf(
      this.#surroundings,
      live.upgrade,
      recorded,
      this.#assumptions,
    );
    const isCounted = circumstances.peerIsLoopback !== true || circumstances.origin !== null;
    if (isCounted && this.#failures >= 9) {
      return unknown("whether it failed too often already to be let in");
    }
    const requestId = this.#pending.get(pendingKey(question)) ?? randomUUID();
    const cases = this.#standings(question).map((standing): ConnectCase => {
      return { question, circumstances, standing, profile, requestId };
    });
    const [decision, ...others] = cases.map(decideConnect);
    if (decision === undefined || others.some((other) => !isSameDecision(decision, other))) {
      return unknown(this.#missingStanding(question));
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

  /** Reads a live `connect` as the recorded Gateway would. */
  readQuestion({ params, nonce, nowMs }: LiveHandshake): ConnectQuestion | null {
    return readQuestion(params, {
      nonce,
      nowMs,
      assumptions: this.#assumptions,
      issuedToken: (id) => this.#issued.get(id),
      hasForeignToken: (id) => this.#mayHaveToken(id),
    });
  }

  #mayHaveToken(id: string): boolean {
    const known = this.#devices.get(id);
    if (known === undefined) return this.#assumptions.devices !== "unpaired";
    return known.standing.kind === "paired";
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

  #missingStanding({ device }: ConnectQuestion): string {
    const known = this.#devices.get(device?.id ?? "");
    return known === undefined
      ? "whether its device is paired, and for what (say it with --assume unpaired or --assume paired=…)"
      : "what its device is approved for beyond what was recorded";
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

/** True when a client could not tell two decisions apart. The standing that they leave behind is another matter. */
function isSameDecision(left: ConnectDecision, right: ConnectDecision): boolean {
  return visible(left) === visible(right);
}

function visible(decision: ConnectDecision): string {
  if (decision.kind !== "accepted") return JSON.stringify(decision);
  const { kind, role, scopes, reported, protocol, method } = decision;
  return JSON.stringify([kind, role, scopes, reported, protocol, method]);
}
