// How every connection begins, credentials included: a tap that takes them out has to look for them from then on.
import { createHash } from "node:crypto";

const secret = (name) => createHash("sha256").update(name).digest("base64url");

export const CHALLENGE = JSON.stringify({
  type: "event",
  event: "connect.challenge",
  payload: { nonce: "0f3b8a52-6f0e-4b7a-9a3d-8f4f1c2d7e60", ts: 1_763_870_000_000 },
});

export const CONNECT = JSON.stringify({
  type: "req",
  id: "connect-1",
  method: "connect",
  params: {
    minProtocol: 3,
    maxProtocol: 3,
    client: { id: "cli", version: "2026.5.4", platform: "linux", mode: "cli" },
    role: "operator",
    scopes: ["operator.read", "operator.write"],
    auth: { token: secret("shared token") },
    device: {
      id: createHash("sha256").update("device").digest("hex"),
      publicKey: secret("public key"),
      signature: `${secret("signature 1")}${secret("signature 2")}`,
      signedAt: 1_763_870_000_100,
      nonce: "0f3b8a52-6f0e-4b7a-9a3d-8f4f1c2d7e60",
    },
  },
});

export const HELLO = JSON.stringify({
  type: "res",
  id: "connect-1",
  ok: true,
  payload: {
    type: "hello-ok",
    protocol: 3,
    server: { version: "2026.5.4", connId: "b1946ac9-2492-4d23-a7c3-235b4e2b7d6a" },
    features: { methods: ["agent", "sessions.list"], events: ["agent", "tick"] },
    snapshot: { presence: [], health: {}, stateVersion: { presence: 1, health: 1 } },
    auth: {
      deviceToken: secret("device token"),
      role: "operator",
      scopes: ["operator.read", "operator.write"],
      issuedAtMs: 1_763_870_000_200,
    },
    policy: { maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 },
  },
});
