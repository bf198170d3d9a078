import type { ConnectRequest, Hello, Refusal } from "../../src/gateway/connect.ts";
import type { Connection, Handshake, ScopeSets } from "../../src/trace/model.ts";

/** What a test says about a connection; the rest is a plain accepted one. */
export interface ConnectionScript {
  readonly id?: number;
  readonly client?: Partial<ConnectRequest["client"]>;
  readonly role?: string;
  readonly device?: string | null;
  readonly scopes?: Partial<ScopeSets>;
  readonly refusal?: Partial<Refusal>;
  readonly rest?: Partial<Connection>;
}

const hello: Hello = {
  protocol: 3,
  serverVersion: "2026.5.4",
  auth: { role: "operator", scopes: [], deviceTokenIssued: false, method: null },
  methods: [],
  events: [],
  policy: { maxPayloadBytes: null, tickIntervalMs: null },
};

const refusal: Refusal = {
  code: "NOT_PAIRED",
  message: "pairing required",
  detailCode: null,
  reason: null,
  requestId: null,
  requestedScopes: null,
  approvedScopes: null,
  details: undefined,
};

/** A connection as the trace would hold it, from what the test cares about. */
export function connection(script: ConnectionScript = {}): Connection {
  const scopes: ScopeSets = {
    requested: ["operator.read"],
    granted: ["operator.read"],
    effective: ["operator.read"],
    effectiveFrom: "rule",
    proven: [],
    refuted: [],
    implies: { "operator.write": { "operator.read": true } },
    ...script.scopes,
  };
  return {
    id: script.id ?? 1,
    openedEntry: 1,
    openedMs: 0,
    clientAddress: "127.0.0.1:50001",
    peerAddress: "127.0.0.1:50002",
    gatewayAddress: "127.0.0.1:18789",
    peerIsLoopback: true,
    upgrade: {
      requestEntry: 2,
      responseEntry: 3,
      host: null,
      origin: null,
      forwardingHeaders: [],
      status: 101,
    },
    handshake: handshake(script, scopes),
    outcome: script.refusal === undefined ? "accepted" : "refused",
    scopes,
    rpcs: [],
    events: [],
    strayResponses: [],
    oddities: [],
    http: [],
    unreadable: [],
    close: null,
    gaps: [],
    messageCount: 3,
    ...script.rest,
  };
}

function handshake(script: ConnectionScript, scopes: ScopeSets): Handshake {
  return {
    challengeEntry: 4,
    connectEntry: 5,
    connectMs: 5,
    answerEntry: 6,
    answerMs: 6,
    proof: null,
    connect: {
      minProtocol: 3,
      maxProtocol: 3,
      client: {
        id: "cli",
        mode: "cli",
        version: "2026.5.4",
        platform: "linux",
        displayName: null,
        deviceFamily: null,
        ...script.client,
      },
      role: script.role ?? "operator",
      scopes: scopes.requested,
      authKinds: ["token"],
      device: script.device ? { id: script.device } : null,
    },
    hello: script.refusal === undefined ? hello : null,
    refusal: script.refusal === undefined ? null : { ...refusal, ...script.refusal },
  };
}
