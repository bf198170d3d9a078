// What the recordings hold that the terminal UI is measured on.

export const HEADER = {
  source: "tap",
  startedAt: "2026-11-23T12:00:00.000Z",
  upstream: "ws://127.0.0.1:18789",
  listen: "127.0.0.1:18777",
  redaction: "off",
  replayOf: [],
  assumedPeer: null,
};

const METHODS = ["health", "sessions.list", "chat.history", "agent", "config.get", "chat.send"];
const STARTED_MS = 1_795_435_200_000;

/** One connection with so many messages, one every `stepMs`: calls, each with two events and an answer, some of them refused. */
export function* conversation(messages, stepMs) {
  let atMs = 0;
  for (const entry of entriesOf(messages)) {
    atMs += stepMs;
    yield { atMs, wallMs: STARTED_MS + atMs, connection: 1, ...entry };
  }
}

function* entriesOf(messages) {
  yield* beginning();
  let seq = 0;
  for (let number = 2; number < messages; number += 4) {
    const id = `r${number}-7f3b2c1d`;
    const method = METHODS[number % METHODS.length];
    yield say("client", { type: "req", id, method, params: { sessionKey: "main", limit: 50 } });
    for (const event of ["tick", "agent"])
      yield say("gateway", {
        type: "event",
        event,
        payload: { text: `step ${number}` },
        seq: ++seq,
      });
    yield say("gateway", { type: "res", id, ...answerTo(number) });
  }
  yield { kind: "closed", by: "client", how: "fin", error: null };
}

function* beginning() {
  yield {
    kind: "opened",
    clientAddress: "127.0.0.1:50001",
    peerAddress: "127.0.0.1:50002",
    gatewayAddress: "127.0.0.1:18789",
  };
  const headers = [["Upgrade", "websocket"]];
  yield { kind: "http-request", method: "GET", target: "/", headers, redacted: false };
  const reason = "Switching Protocols";
  yield { kind: "http-response", status: 101, reason, headers: [], redacted: false };
  const scopes = ["operator.read", "operator.write"];
  const client = { id: "cli", mode: "cli", version: "2026.5.4", platform: "linux" };
  const device = { id: "9be4".padEnd(64, "0"), publicKey: "pk", nonce: "n" };
  const versions = { minProtocol: 3, maxProtocol: 3 };
  yield say("client", {
    type: "req",
    id: "connect-1",
    method: "connect",
    params: { ...versions, client, role: "operator", scopes, device },
  });
  yield say("gateway", {
    type: "res",
    id: "connect-1",
    ok: true,
    payload: {
      type: "hello-ok",
      protocol: 3,
      server: { version: "2026.5.4", connId: "c" },
      policy: { maxPayload: 26_214_400, tickIntervalMs: 30_000 },
      auth: { role: "operator", scopes },
    },
  });
}

function answerTo(number) {
  return number % 50_000 < 4
    ? { ok: false, error: { code: "INVALID_REQUEST", message: "missing scope: operator.admin" } }
    : { ok: true, payload: { status: "ok", items: [1, 2, 3] } };
}

function say(from, frame) {
  const text = JSON.stringify(frame);
  return {
    kind: "message",
    from,
    message: { type: "text", text },
    sizeBytes: text.length,
    redacted: false,
  };
}
