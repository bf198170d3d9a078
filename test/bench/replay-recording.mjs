// Writes the recording that a replay is measured with.
import { createRecording } from "../../dist/recorder/writer.js";
import { answerFrame, connectFrame, HELLO, requestFrame } from "./replay-conversation.mjs";

const HEADER = {
  source: "tap",
  startedAt: "2026-11-23T12:00:00.000Z",
  upstream: "ws://127.0.0.1:18789",
  listen: "127.0.0.1:18777",
  redaction: "credentials",
  replayOf: [],
  assumedPeer: null,
};

/** Writes what such clients asked of a Gateway, and what it answered. */
export async function writeConversations(path, connections, requests) {
  const writer = await createRecording(path, HEADER, { maxPendingBytes: 64 * 1024 * 1024 });
  let atMs = 0;
  for (let connection = 1; connection <= connections; connection++) {
    const note = (entry) =>
      writer.append({
        atMs: ++atMs,
        wallMs: Date.parse(HEADER.startedAt) + atMs,
        connection,
        ...entry,
      });
    const say = (from, frame) => {
      const text = JSON.stringify(frame);
      const sizeBytes = Buffer.byteLength(text);
      note({ kind: "message", from, message: { type: "text", text }, sizeBytes, redacted: false });
    };
    const address = "127.0.0.1:18789";
    note({ kind: "opened", clientAddress: null, peerAddress: address, gatewayAddress: address });
    const headers = [["Host", address], ["Upgrade", "websocket"], ["Connection", "Upgrade"]]; // prettier-ignore
    note({ kind: "http-request", method: "GET", target: "/", headers, redacted: false });
    note({ kind: "http-response", status: 101, reason: "", headers: [], redacted: false });
    const payload = { nonce: "n", ts: Date.parse(HEADER.startedAt) };
    say("gateway", { type: "event", event: "connect.challenge", payload });
    const connect = connectFrame();
    say("client", connect);
    say("gateway", { type: "res", id: connect.id, ok: true, payload: HELLO });
    for (let index = 0; index < requests; index++) {
      const request = requestFrame(connection, index);
      say("client", request);
      say("gateway", answerFrame(request, index));
      await writer.whenRoom();
    }
    note({ kind: "closed", by: "client", how: "fin", error: null });
  }
  const { missedEntries } = await writer.close();
  if (missedEntries > 0) throw new Error(`${missedEntries} entries are not in the recording`);
}
