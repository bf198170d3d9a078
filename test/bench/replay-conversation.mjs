// The connections that a replay is measured with: what each client asks, and what the recorded Gateway answered.
import { randomUUID } from "node:crypto";

/** The share of the requests that is not measured: nobody's just-in-time compiler is warm at first. */
export const WARM_UP = 0.2;

const NAMES = ["budget", "invoice", "weather", "release", "garden", "travel", "meeting", "backup"];

/** What a connection says first. Every run signs nothing: the client is the Gateway's own kind, on loopback. */
export function connectFrame() {
  const client = {
    id: "gateway-client",
    version: "2026.5.4",
    platform: "linux",
    mode: "backend",
  };
  const params = {
    minProtocol: 3,
    maxProtocol: 3,
    client,
    role: "operator",
    scopes: ["operator.admin"],
    auth: { token: "bench-token" },
  };
  return { type: "req", id: randomUUID(), method: "connect", params };
}

/** The recorded hello-ok. */
export const HELLO = {
  type: "hello-ok",
  protocol: 3,
  server: { version: "2026.5.4", connId: "0b6a1f0e-5f0a-4f0e-9c39-0d4f9f3f6a11" },
  features: { methods: ["agent", "chat.history", "sessions.list"], events: ["agent", "tick"] },
  snapshot: {},
  auth: { role: "operator", scopes: ["operator.admin"] },
  policy: { maxPayload: 26_214_400, maxBufferedBytes: 52_428_800, tickIntervalMs: 30_000 },
};

/** A request of about 200 bytes, the `index`th of a connection: what it asks is its own, its id and key are new in every run. */
export function requestFrame(connection, index) {
  const name = NAMES[(connection + index) % NAMES.length];
  const about = `${name} ${connection}-${index}`;
  const sessionKey = `agent:main:${name}-${connection}`;
  const calls = [
    ["sessions.list", { limit: 20, search: about, includeGlobal: true, spawnedBy: sessionKey }],
    ["chat.history", { sessionKey, limit: 50, before: `entry-${connection}-${index}` }],
    ["agent", { message: `what is new about ${about}?`, sessionKey, idempotencyKey: randomUUID() }],
  ];
  const [method, params] = calls[index % calls.length];
  return { type: "req", id: randomUUID(), method, params };
}

/** The recorded answer to such a request. */
export function answerFrame({ id, method, params }, index) {
  const payload =
    method === "agent"
      ? { runId: params.idempotencyKey, status: "accepted", acceptedAt: 1_795_435_200_000 + index }
      : { ts: 1_795_435_200_000 + index, path: "(multiple)", count: index % 20, items: [params] };
  return { type: "res", id, ok: true, payload };
}
