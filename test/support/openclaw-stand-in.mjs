// What examples call `openclaw`: a client of the Gateway that the environment names, which calls one method and leaves.
import { WebSocket } from "ws";

const words = process.argv.slice(2);
if (words[0] === "--version") {
  console.log("OpenClaw 2026.9.6 (stand-in)");
  process.exit(0);
}
if (words.join(" ") === "gateway") {
  console.log("no Gateway here: a stand-in");
  process.exit(0);
}
const method = words.at(-1) ?? "status";
const url =
  process.env["OPENCLAW_GATEWAY_URL"] ?? `ws://127.0.0.1:${process.env["OPENCLAW_GATEWAY_PORT"]}`;
const socket = new WebSocket(url);
const send = (id, name, params) =>
  socket.send(JSON.stringify({ type: "req", id, method: name, params }));
socket.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
socket.on("message", (data) => {
  const frame = JSON.parse(Buffer.from(data).toString());
  if (frame.event === "connect.challenge") {
    const client = { id: "cli", mode: "cli", version: "2026.9.6", platform: "linux" };
    const scopes = ["operator.read"];
    send("1", "connect", { minProtocol: 3, maxProtocol: 4, client, role: "operator", scopes });
  }
  if (frame.id === "1") send("2", method, {});
  if (frame.id === "2") socket.close(1000);
});
socket.on("close", () => process.exit(0));
