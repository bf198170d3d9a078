import type { DeviceVerdict } from "./device.ts";
import type { Unknown } from "./measured.ts";
import type { Profile } from "./profile.ts";
import type { WireError } from "./refusal.ts";

/** What is known of one credential of a `connect`. */
export type Credential = "absent" | "right" | "wrong" | "unknown";

/** All that a Gateway looks at when it decides on a `connect`. */
export interface ConnectQuestion {
  readonly client: {
    readonly id: string;
    readonly mode: string;
    readonly platform: string;
    readonly deviceFamily: string;
  };
  readonly role: string;
  /** Empty when absent, as the Gateway reads it. */
  readonly scopes: readonly string[];
  readonly minProtocol: number;
  readonly maxProtocol: number;
  readonly credentials: {
    /** `device-token`: the device's own token, in the field of the shared one. */
    readonly token: Credential | "device-token";
    readonly password: Credential;
    readonly deviceToken: Credential;
    readonly bootstrapToken: Credential;
  };
  /** Null when no device identity was sent. */
  readonly device: { readonly id: string; readonly proof: DeviceVerdict } | null;
}

/** Where a `connect` comes from, and how the Gateway is configured; null for what is not known. */
export interface Circumstances {
  /** Whether the Gateway sees a loopback address as its peer. */
  readonly peerIsLoopback: boolean | null;
  readonly origin: string | null;
  /** Whether `gateway.controlUi.allowedOrigins` lets that Origin in. */
  readonly originIsAllowed: boolean | null;
  readonly isForwarded: boolean;
  /** Whether the `Host` header names a loopback address. */
  readonly hostIsLoopback: boolean | null;
  readonly authMode: "token" | "password" | "none" | null;
  /** Whether the configuration lets an operator's screen in without a device identity. */
  readonly uiSwitchesAreOn: boolean | null;
  /** Whether local devices are paired without asking, as they are by default. */
  readonly pairsLocalDevices: boolean;
}

/** What the Gateway knows of a device when it connects. */
export type DeviceStanding =
  | { readonly kind: "unpaired" }
  | {
      readonly kind: "paired";
      readonly roles: readonly string[];
      readonly approvedScopes: readonly string[];
      /** What its device token stands for; null when it has none. */
      readonly tokenScopes: readonly string[] | null;
      /** As pinned at the pairing; empty when none was. */
      readonly platform: string;
      readonly deviceFamily: string;
    };

/** How a Gateway decides on a `connect`. */
export type ConnectDecision =
  | {
      readonly kind: "accepted";
      readonly role: string;
      /** What the connection can do, in the order asked for. */
      readonly scopes: readonly string[];
      /** What `hello-ok.auth.scopes` says; null where hello-ok has no `auth`. */
      readonly reported: readonly string[] | null;
      readonly protocol: number;
      /** `hello-ok.auth.method`, where the version has it. */
      readonly method: string | null;
      /** The scopes of the device token that hello-ok carries; null when it carries none. */
      readonly tokenScopes: readonly string[] | null;
      /** How the device stands from now on; null when the connection changes nothing. */
      readonly standing: DeviceStanding | null;
    }
  | {
      readonly kind: "refused";
      readonly error: WireError;
      readonly close: { readonly code: number; readonly reason: string };
      /** True when the Gateway now keeps a request for pairing that can be approved. */
      readonly pends: boolean;
    }
  | Unknown;

/** What a decision on a `connect` starts from. */
export interface ConnectCase {
  readonly question: ConnectQuestion;
  readonly circumstances: Circumstances;
  /** Null when it is not known how the device stands; of no matter without a device. */
  readonly standing: DeviceStanding | null;
  readonly profile: Profile;
  /** The id of the request for pairing, should there be one. */
  readonly requestId: string;
}

/** The client as rules name it: `id/mode`. */
export function nameOf({ client }: ConnectQuestion): string {
  return `${client.id}/${client.mode}`;
}
