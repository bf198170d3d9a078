// Makes a recording of so many messages: usage  node test/bench/tui-recording.mjs <file> [messages]
import { createRecording } from "../../dist/recording/writer.js";

const [path, count = "1000000"] = process.argv.slice(2);
const messages = Number(count);
const HEADER = {
  source: "tap",
  startedAt: "2026-11-23T12:00:00.000Z",
  upstream: "ws://127.0.0.1:18789",
  listen: "127.0.0.1:18777",
  redaction: "off",
  replayOf: [],
  assumedPeer: null,
};
const METHODS = ["health", "sessions.list", "chat.history", "agent", "config.get", "chat.send"];

const writer = await createRecording(path, HEADER);
let atMs = 0;

function append(entry) {
  atMs += 0.1;
  writer.append({ atMs, wallMs: 1_795_435_200_000 + atMs, connection: 1, ...entry });
}

function say(from, frame) {
  const text = JSON.stringify(frame);
  append({
    kind: "message",
    from,
    message: { type: "text", text },
    sizeBytes: text.length,
    redacted: false,
  });
}

append({
  kind: "opened",
  clientAddress: "127.0.0.1:50001",
  peerAddress: "127.0.0.1:50002",
  gatewayAddress: "127.0.0.1:18789",
});
append({
  kind: "http-request",
  method: "GET",
  target: "/",
  headers: [["Upgrade", "websocket"]],
  redacted: false,
});
append({
  kind: "http-response",
  status: 101,
  reason: "Switching Protocols",
  headers: [],
  redacted: false,
});
say("client", {
  type: "req",
  id: "connect-1",
  method: "connect",
  params: {
    minProtocol: 3,
    maxProtocol: 3,
    client: { id: "cli", mode: "cli", version: "2026.5.4", platform: "linux" },
    role: "operator",
    scopes: ["operator.read", "operator.write"],
    device: { id: "9be4".padEnd(64, "0"), publicKey: "pk", nonce: "n" },
  },
});
say("gateway", {
  type: "res",
  id: "connect-1",
  ok: true,
  payload: {
    type: "hello-ok",
    protocol: 3,
    server: { version: "2026.5.4", connId: "c" },
    policy: { maxPayload: 26_214_400, tickIntervalMs: 30_000 },
    auth: { role: "operator", scopes: ["operator.read", "operator.write"] },
  },
});
let seq = 0;
for (let number = 2; number < messages;) {
  const id = `r${number}-7f3b2c1d`;
  const method = METHODS[number % METHODS.length];
  say("client", { type: "req", id, method, params: { sessionKey: "main", limit: 50 } });
  for (let events = 0; events < 2; events++)
    say("gateway", {
      type: "event",
      event: events === 0 ? "tick" : "agent",
      payload: { text: `step ${number}` },
      seq: ++seq,
    });
  const refused = number % 50_000 < 4;
  say(
    "gateway",
    refused
      ? {
          type: "res",
          id,
          ok: false,
          error: { code: "INVALID_REQUEST", message: "missing scope: operator.admin" },
        }
      : { type: "res", id, ok: true, payload: { status: "ok", items: [1, 2, 3] } },
  );
  number += 4;
  if (number % 2000 < 4) await writer.whenRoom();
}
append({ kind: "closed", by: "client", how: "fin", error: null });
const closed = await writer.close();
process.stdout.write(
  `${closed.entries} entries, ${(closed.sizeBytes / 1e6).toFixed(1)} MB in ${path}\n`,
);
