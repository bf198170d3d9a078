import type { Trace } from "../../src/trace/model.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  helloOk,
  refused,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

/** Every operator scope. */
export const ALL = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
  "operator.talk.secrets",
];

function refusedConnect(
  details:
    | { readonly code?: string; readonly reason?: string; readonly requestId?: string }
    | undefined,
  message: string,
  asked: Parameters<typeof connect>[0] = {},
  code = "INVALID_REQUEST",
): Trace {
  return traceOf([
    conversation(
      {},
      challenge(),
      connect(asked),
      refused("connect-1", code, message, details),
      close("gateway", 1008, message),
    ),
  ]);
}

/** For each code about a refused connect: a recording on which it speaks, and a very similar one on which it is silent. */
export const CONNECT_CASES = {
  "pairing-required": {
    speaks: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "not-paired", requestId: "r-1" },
      "pairing required",
      { device: "d" },
      "NOT_PAIRED",
    ),
    silent: refusedConnect(
      { code: "DEVICE_IDENTITY_REQUIRED" },
      "device identity required",
      {},
      "NOT_PAIRED",
    ),
    says: /openclaw devices approve r-1/,
  },
  "scope-upgrade-required": {
    speaks: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "scope-upgrade", requestId: "r-2" },
      "pairing required: more scopes",
      { device: "d" },
    ),
    silent: refusedConnect({ code: "PAIRING_REQUIRED", reason: "not-paired" }, "pairing required"),
    says: /approve r-2/,
  },
  "role-upgrade-required": {
    speaks: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "role-upgrade" },
      "pairing required",
      { role: "node", device: "d" },
    ),
    silent: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "scope-upgrade" },
      "pairing required",
    ),
    says: /role node/,
  },
  "metadata-upgrade-required": {
    speaks: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "metadata-upgrade" },
      "pairing required",
    ),
    silent: refusedConnect(
      { code: "PAIRING_REQUIRED", reason: "role-upgrade" },
      "pairing required",
    ),
  },
  "device-identity-required": {
    speaks: refusedConnect(
      { code: "DEVICE_IDENTITY_REQUIRED" },
      "device identity required",
      { auth: {} },
      "NOT_PAIRED",
    ),
    silent: refusedConnect({ code: "AUTH_TOKEN_MISSING" }, "unauthorized: gateway token missing"),
    says: /says nothing about the token/,
  },
  "device-proof-invalid": {
    speaks: refusedConnect({ code: "DEVICE_AUTH_NONCE_MISMATCH" }, "device nonce mismatch", {
      device: "d",
    }),
    silent: refusedConnect({ code: "DEVICE_IDENTITY_REQUIRED" }, "device identity required"),
    says: /not the one of this connection's connect\.challenge/,
  },
  "credential-missing": {
    speaks: refusedConnect({ code: "AUTH_TOKEN_MISSING" }, "unauthorized: gateway token missing", {
      auth: {},
    }),
    silent: refusedConnect({ code: "AUTH_TOKEN_MISMATCH" }, "unauthorized: gateway token mismatch"),
  },
  "credential-wrong": {
    speaks: refusedConnect(
      { code: "AUTH_PASSWORD_MISMATCH" },
      "unauthorized: gateway password mismatch",
      { auth: { password: "x" } },
    ),
    silent: refusedConnect(
      { code: "AUTH_RATE_LIMITED" },
      "unauthorized: too many failed authentication attempts",
    ),
  },
  "credential-misleading": {
    speaks: traceOf([
      conversation({}, challenge(), connect({ device: "d" }), helloOk({ version: "2026.5.4" })),
      conversation(
        { connection: 2, startMs: 50 },
        challenge(),
        connect({ device: "d", scopes: ALL, auth: { deviceToken: "x" } }),
        refused("connect-1", "INVALID_REQUEST", "unauthorized: device token mismatch", {
          code: "AUTH_DEVICE_TOKEN_MISMATCH",
        }),
      ),
    ]),
    // From 2026.6 on the Gateway names a scope mismatch as such, so the same text means what it says.
    silent: traceOf([
      conversation({}, challenge(), connect({ device: "d" }), helloOk({ version: "2026.6.11" })),
      conversation(
        { connection: 2, startMs: 50 },
        challenge(),
        connect({ device: "d", scopes: ALL, auth: { deviceToken: "x" } }),
        refused("connect-1", "INVALID_REQUEST", "unauthorized: device token mismatch", {
          code: "AUTH_DEVICE_TOKEN_MISMATCH",
        }),
      ),
    ]),
  },
  "credential-scope-mismatch": {
    speaks: refusedConnect(
      { code: "AUTH_SCOPE_MISMATCH" },
      "unauthorized: device token scope mismatch",
      { scopes: ALL },
    ),
    silent: refusedConnect(
      { code: "AUTH_DEVICE_TOKEN_MISMATCH" },
      "unauthorized: device token mismatch",
    ),
  },
  "rate-limited": {
    speaks: refusedConnect(
      undefined,
      "unauthorized: too many failed authentication attempts (retry later)",
    ),
    silent: refusedConnect(undefined, "unauthorized: gateway token mismatch"),
  },
  "protocol-mismatch": {
    speaks: refusedConnect({ code: "PROTOCOL_MISMATCH" }, "protocol mismatch", {
      protocol: [3, 3],
    }),
    silent: refusedConnect({ code: "CONTROL_UI_ORIGIN_NOT_ALLOWED" }, "origin not allowed"),
    says: /protocol 3 to 3, the Gateway another/,
  },
  "origin-not-allowed": {
    speaks: refusedConnect(
      { code: "CONTROL_UI_ORIGIN_NOT_ALLOWED", reason: "origin not allowed" },
      "origin not allowed",
    ),
    silent: refusedConnect({ code: "PROTOCOL_MISMATCH" }, "protocol mismatch"),
  },
  "gateway-starting": {
    speaks: refusedConnect(undefined, "gateway starting", {}, "UNAVAILABLE"),
    silent: refusedConnect(
      { code: "PROTOCOL_MISMATCH" },
      "protocol mismatch: reload this page",
      {},
      "UNAVAILABLE",
    ),
  },
  "invalid-handshake": {
    speaks: refusedConnect(
      undefined,
      "invalid connect params: at /client/id: must be equal to one of the allowed values",
    ),
    silent: refusedConnect(undefined, "something new"),
  },
  "connect-refused": {
    speaks: refusedConnect({ code: "BRAND_NEW" }, "something new"),
    silent: refusedConnect({ code: "AUTH_TOKEN_MISSING" }, "unauthorized: gateway token missing"),
    says: /BRAND_NEW/,
  },
} as const satisfies Record<
  string,
  { readonly speaks: Trace; readonly silent: Trace; readonly says?: RegExp }
>;
