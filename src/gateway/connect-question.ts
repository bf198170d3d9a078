import type { DeviceVerdict } from "./device.ts";
import { know, look, type Unknown } from "./measured.ts";
import type { Profile } from "./profile.ts";
import { type WireError, writeRefusal } from "./refusal.ts";
import { z } from "zod";

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

/** A `connect` that is refused. */
export type Refused = Extract<ConnectDecision, { kind: "refused" }>;

/** By which credential a client was let in (`hello-ok.auth.method`). */
export type AuthMethod = "token" | "password" | "none" | "device-token";

/* These are for use inside of `decide`: they end the decision where they need what is not known. */

/** True for a peer that is loopback and forwards nobody. */
export function isLocal({ peerIsLoopback, isForwarded }: Circumstances): boolean {
  return !isForwarded && know(peerIsLoopback, "whether the Gateway sees a loopback peer");
}

/** Writes down a refusal of a `connect`, after which the connection is closed. */
export function refuse(
  { profile, question, requestId }: ConnectCase,
  causes: readonly string[],
  values: Readonly<Record<string, unknown>> = {},
): Refused {
  const { minProtocol, maxProtocol, role, scopes, device } = question;
  const all = { minProtocol, maxProtocol, role, scopes, requestId, deviceId: device?.id, ...values }; // prettier-ignore
  const { error, close } = writeRefusal(profile, causes, all);
  const end = know(close, `how OpenClaw ${profile.version} ends such a connection`);
  return { kind: "refused", error, close: end, pends: false };
}

/** Lets the client in; `token` are the scopes of the device token that hello-ok carries. */
export function accept(
  { question, profile }: ConnectCase,
  method: AuthMethod,
  scopes: readonly string[],
  token: readonly string[] | null,
): Extract<ConnectDecision, { kind: "accepted" }> {
  return {
    kind: "accepted",
    role: question.role,
    scopes,
    reported: reportedScopes(profile, scopes, token),
    protocol: know(profile.protocol, rule("speaks which protocol")),
    method: know(profile.helloNamesMethod, rule("names the method in hello-ok")) ? method : null,
    tokenScopes: token,
    standing: null,
  };
}

function reportedScopes(
  { helloScopesWithToken, helloScopesWithoutToken }: Profile,
  scopes: readonly string[],
  token: readonly string[] | null,
): readonly string[] | null {
  const means = rule("says which scopes in hello-ok");
  if (token === null) {
    return know(helloScopesWithoutToken, means) === "absent" ? null : scopes;
  }
  // Then it makes no difference which of the two it is.
  if (token.join() === scopes.join()) return scopes;
  return know(helloScopesWithToken, means) === "token" ? token : scopes;
}

/** Whether a client is a screen of the operator's, a chat in the browser included. */
export function isScreen(question: ConnectQuestion, { operatorUis }: Profile): boolean {
  if (isChat(question)) return true;
  return know(look(operatorUis, question.client.id), rule("takes it for an operator's screen"));
}

/** Whether a client is a chat in a browser. */
export function isChat({ client }: ConnectQuestion): boolean {
  return client.mode === "webchat" || client.id === "webchat-ui";
}

/** What is not known where a rule was not measured. */
export function rule(what: string): string {
  return `whether the Gateway ${what}`;
}

const text = z.string();

const paramsSchema = z.looseObject({
  minProtocol: z.number(),
  maxProtocol: z.number(),
  client: z.looseObject({
    id: text,
    mode: text,
    version: text,
    platform: text,
    deviceFamily: text.optional(),
  }),
  role: text.optional(),
  scopes: z.array(text).optional(),
  auth: z
    .looseObject({
      token: text.optional(),
      password: text.optional(),
      deviceToken: text.optional(),
      bootstrapToken: text.optional(),
    })
    .optional(),
  device: z
    .looseObject({
      id: text,
      publicKey: text,
      signature: text,
      signedAt: z.number(),
      nonce: text,
    })
    .optional(),
});

/** The params of a `connect` that a Gateway takes, as they were sent. */
export type ConnectParams = z.infer<typeof paramsSchema>;

/** Reads params as strictly as a Gateway does; null for what it calls `invalid connect params`. */
export function parseConnectParams(params: unknown): ConnectParams | null {
  return paramsSchema.safeParse(params).data ?? null;
}
