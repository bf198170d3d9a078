// Makes the same traffic as a recording, as JSON lines and as pcapng: usage  node test/bench/scale-recording.mjs <folder> [messages] [seed]
// About 1 KB a message: requests, answers and events as Gateways send them, with ids, times and prose that vary.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createRecording } from "../../dist/recorder/writer.js";
import { createRandom } from "../support/random.mjs";
import { createFrames } from "./frames.mjs";
import { pcapngHead, TcpConversation } from "./pcapng.mjs";

const [folder, count = "1000000", seed = "1"] = process.argv.slice(2);
const messages = Number(count);
const CONNECTIONS = 8;
const MESSAGES_A_CALL = 5;
const STARTED_MS = 1_795_435_200_000;
const HEADER = {
  source: "tap",
  startedAt: new Date(STARTED_MS).toISOString(),
  upstream: "ws://127.0.0.1:18789",
  listen: "127.0.0.1:18777",
  redaction: "off",
  replayOf: [],
  assumedPeer: null,
};

const random = createRandom(Number(seed));
const [prose] = createFrames(7, 400_000, 1).requests.map((text) => JSON.parse(text).params.message);
const writer = await createRecording(join(folder, `scale-${seed}.gwtrace`), HEADER);
const aside = (ending) =>
  createWriteStream(join(folder, `scale-${seed}.${ending}`), { highWaterMark: 1 << 20 });
const lines = aside("jsonl");
const packets = aside("pcapng");
packets.write(pcapngHead());
const conversations = new Map();
const METHODS = ["health", "sessions.list", "chat.history", "agent", "node.list", "chat.send"];
let atMs = 0;
let said = 0;
let bytes = 0;

function append(connection, entry) {
  atMs += 0.1;
  const placed = { atMs, wallMs: STARTED_MS + atMs, connection, ...entry };
  writer.append(placed);
  return placed;
}

async function say(connection, from, frame) {
  const text = JSON.stringify(frame);
  const sizeBytes = Buffer.byteLength(text);
  said += 1;
  bytes += sizeBytes;
  const message = { type: "text", text };
  const entry = append(connection, { kind: "message", from, message, sizeBytes, redacted: false });
  const line = { atMs: entry.atMs, wallMs: entry.wallMs, connection, from, frame };
  if (!lines.write(`${JSON.stringify(line)}\n`)) await once(lines, "drain");
  const packet = conversations.get(connection).text(from, Buffer.from(text), entry.wallMs);
  if (!packets.write(packet)) await once(packets, "drain");
  if (said % 2000 === 0) await writer.whenRoom();
}

function words(length) {
  const from = Math.floor(random() * (prose.length - length));
  return prose.slice(from, from + length);
}

function hex(length) {
  let text = "";
  while (text.length < length)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return text.slice(0, length);
}

async function open(connection) {
  const conversation = new TcpConversation(50_000 + connection, 18_789);
  conversations.set(connection, conversation);
  packets.write(conversation.open(STARTED_MS));
  const address = (port) => `127.0.0.1:${port}`;
  append(connection, {
    kind: "opened",
    clientAddress: address(50_000 + connection),
    peerAddress: address(51_000 + connection),
    gatewayAddress: address(18_789),
  });
  const headers = [["Upgrade", "websocket"]];
  append(connection, {
    kind: "http-request",
    method: "GET",
    target: "/",
    headers,
    redacted: false,
  });
  const reason = "Switching Protocols";
  append(connection, { kind: "http-response", status: 101, reason, headers, redacted: false });
  const scopes = ["operator.read", "operator.write"];
  const client = { id: "cli", mode: "cli", version: "2026.5.4", platform: "linux" };
  const device = { id: hex(64), publicKey: "pk", nonce: "n" };
  const params = { minProtocol: 3, maxProtocol: 3, client, role: "operator", scopes, device };
  const id = `connect-${connection}`;
  await say(connection, "client", { type: "req", id, method: "connect", params });
  const payload = {
    type: "hello-ok",
    protocol: 3,
    server: { version: "2026.5.4", connId: `c${connection}` },
    policy: { maxPayload: 26_214_400, tickIntervalMs: 30_000 },
    auth: { role: "operator", scopes },
  };
  await say(connection, "gateway", { type: "res", id, ok: true, payload });
}

/** A call, the events that follow from it, and its answer; a few are refused. */
async function call(connection, seqs) {
  const id = `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  const method = METHODS[Math.floor(random() * METHODS.length)];
  const params = { sessionKey: "agent:main:main", message: words(200 + random() * 400), limit: 50 };
  await say(connection, "client", { type: "req", id, method, params });
  for (let events = 0; events < MESSAGES_A_CALL - 2; events++) {
    const data = { text: words(300 + random() * 900), delta: words(40) };
    const payload = { runId: id, stream: "assistant", ts: STARTED_MS + Math.floor(atMs), data };
    const seq = (seqs[connection] = (seqs[connection] ?? 0) + 1);
    await say(connection, "gateway", { type: "event", event: "agent", payload, seq });
  }
  if (random() < 0.0002) {
    const error = { code: "INVALID_REQUEST", message: "missing scope: operator.admin" };
    return say(connection, "gateway", { type: "res", id, ok: false, error });
  }
  const item = () => ({
    id: hex(16),
    title: words(60),
    updatedAtMs: STARTED_MS + Math.floor(atMs),
  });
  const payload = { status: "ok", items: Array.from({ length: Math.floor(random() * 24) }, item) };
  return say(connection, "gateway", { type: "res", id, ok: true, payload });
}

const seqs = [];
for (let connection = 1; connection <= CONNECTIONS; connection++) await open(connection);
for (let calls = 0; calls < messages / MESSAGES_A_CALL; calls++)
  await call(1 + Math.floor(random() * CONNECTIONS), seqs);
for (let connection = 1; connection <= CONNECTIONS; connection++)
  append(connection, { kind: "closed", by: "client", how: "fin", error: null });
const closed = await writer.close();
for (const stream of [lines, packets]) {
  stream.end();
  await once(stream, "finish");
}
process.stdout.write(
  `${said} messages, ${(bytes / 1e6).toFixed(0)} MB; recording ${(closed.sizeBytes / 1e6).toFixed(0)} MB, missed ${closed.missedEntries}\n`,
);
