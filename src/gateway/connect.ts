import { z } from "zod";
import type { FrameError } from "./frame.ts";

/** How a client says who it is in `connect.params.client`. */
export interface ClientInfo {
  readonly id: string;
  readonly mode: string;
  readonly version: string;
  readonly platform: string;
  readonly displayName: string | null;
  readonly deviceFamily: string | null;
}

/** Which kind of credential a `connect` carries; the credential itself is never kept. */
export type AuthKind = "token" | "password" | "deviceToken" | "bootstrapToken";

/** What a client asks for in its first frame (OpenClaw docs, gateway/protocol: handshake). */
export interface ConnectRequest {
  readonly minProtocol: number | null;
  readonly maxProtocol: number | null;
  readonly client: ClientInfo;
  /** The role asked for; the Gateway takes an absent one as `operator`. */
  readonly role: string;
  /** Null when the field is absent. */
  readonly scopes: readonly string[] | null;
  readonly authKinds: readonly AuthKind[];
  /** Null when no device identity was sent. */
  readonly device: { readonly id: string } | null;
}

/** What the Gateway grants in `hello-ok`. */
export interface Hello {
  readonly protocol: number | null;
  readonly serverVersion: string | null;
  /** Null when hello-ok has no `auth` field, as on some versions without a device token. */
  readonly auth: {
    readonly role: string | null;
    /** As the Gateway reports them. On some versions these are the device token's, not the connection's, where a token was issued. */
    readonly scopes: readonly string[] | null;
    readonly deviceTokenIssued: boolean;
    readonly method: string | null;
  } | null;
  readonly methods: readonly string[];
  readonly events: readonly string[];
  readonly policy: {
    readonly maxPayloadBytes: number | null;
    readonly tickIntervalMs: number | null;
  };
}

/** Why the Gateway refused a `connect`: the error object, with the details that matter lifted out. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
  /** `error.details.code`, null where the version has none. */
  readonly detailCode: string | null;
  /** `error.details.reason`, such as `scope-upgrade`. */
  readonly reason: string | null;
  readonly requestId: string | null;
  readonly requestedScopes: readonly string[] | null;
  readonly approvedScopes: readonly string[] | null;
  readonly details: unknown;
}

/** What a `connect` can hold in the 64 KiB that Gateways take of it; a longer list reads as absent. */
const MAX_NAMES = 20_000;

const strings = z.array(z.string()).max(MAX_NAMES);
/** A field, or null where it is absent or of another type. */
const orNull = <T extends z.ZodType>(type: T) => type.nullable().catch(null).default(null);
const names = strings.catch([]).default([]);
const text = z.string().catch("");
const optionalText = orNull(z.string());
const optionalNumber = orNull(z.number());

const connectSchema = z.object({
  minProtocol: optionalNumber,
  maxProtocol: optionalNumber,
  client: z
    .object({
      id: text,
      mode: text,
      version: text,
      platform: text,
      displayName: optionalText,
      deviceFamily: optionalText,
    })
    .catch({ id: "", mode: "", version: "", platform: "", displayName: null, deviceFamily: null }),
  role: z.string().catch("operator").default("operator"),
  scopes: orNull(strings),
  auth: z.looseObject({}).catch({}).default({}),
  device: orNull(z.object({ id: text })),
});

const AUTH_KINDS: readonly AuthKind[] = ["token", "password", "deviceToken", "bootstrapToken"];

/** Reads the params of a `connect` request; null when they are no object. Wrongly typed fields read as absent. */
export function parseConnect(params: unknown): ConnectRequest | null {
  const result = connectSchema.safeParse(params);
  if (!result.success) return null;
  const { auth, device, ...connect } = result.data;
  return {
    ...connect,
    authKinds: AUTH_KINDS.filter((kind) => typeof auth[kind] === "string" && auth[kind] !== ""),
    device: device?.id ? device : null,
  };
}

const helloSchema = z.object({
  protocol: optionalNumber,
  server: orNull(z.object({ version: optionalText })),
  features: orNull(z.object({ methods: names, events: names })),
  auth: orNull(
    z.object({
      role: optionalText,
      scopes: orNull(strings),
      deviceToken: optionalText,
      method: optionalText,
    }),
  ),
  policy: orNull(z.object({ maxPayload: optionalNumber, tickIntervalMs: optionalNumber })),
});

/** Reads a `hello-ok` payload; null when it is no object. */
export function parseHello(payload: unknown): Hello | null {
  const result = helloSchema.safeParse(payload);
  if (!result.success) return null;
  const { protocol, server, features, auth, policy } = result.data;
  return {
    protocol,
    serverVersion: server?.version ?? null,
    auth: auth && {
      role: auth.role,
      scopes: auth.scopes,
      deviceTokenIssued: auth.deviceToken !== null,
      method: auth.method,
    },
    methods: features?.methods ?? [],
    events: features?.events ?? [],
    policy: {
      maxPayloadBytes: policy?.maxPayload ?? null,
      tickIntervalMs: policy?.tickIntervalMs ?? null,
    },
  };
}

const refusalDetailsSchema = z.object({
  code: optionalText,
  reason: optionalText,
  requestId: optionalText,
  requestedScopes: orNull(strings),
  approvedScopes: orNull(strings),
});

/** Lifts the cause out of the error that answers a refused `connect`. */
export function parseRefusal({ code, message, details }: FrameError): Refusal {
  const read = refusalDetailsSchema.safeParse(details).data ?? refusalDetailsSchema.parse({});
  const { code: detailCode, ...told } = read;
  return { code, message, detailCode, ...told, details };
}
