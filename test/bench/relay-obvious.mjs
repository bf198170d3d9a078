// What one writes in ten minutes: two ws sockets joined, each message parsed and written as a JSON line. node relay-obvious.mjs <port> <file>
import { createWriteStream } from "node:fs";
import { WebSocket, WebSocketServer } from "ws";

const [port, file] = process.argv.slice(2);
const lines = createWriteStream(file);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
let connections = 0;
server.on("connection", (client) => {
  const connection = ++connections;
  const gateway = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  const waiting = [];
  const pass = (from, data, isBinary, target) => {
    target.send(data, { binary: isBinary });
    const frame = JSON.parse(data.toString());
    lines.write(`${JSON.stringify({ time: new Date().toISOString(), connection, from, frame })}\n`);
  };
  client.on("message", (data, isBinary) => {
    if (gateway.readyState === WebSocket.OPEN) pass("client", data, isBinary, gateway);
    else waiting.push([data, isBinary]);
  });
  gateway.on("open", () => {
    for (const [data, isBinary] of waiting) pass("client", data, isBinary, gateway);
  });
  gateway.on("message", (data, isBinary) => pass("gateway", data, isBinary, client));
  client.on("close", (code) => gateway.close(code));
  gateway.on("close", (code) => client.close(code));
});
server.on("listening", () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
);
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => lines.end(() => process.exit(0)));
