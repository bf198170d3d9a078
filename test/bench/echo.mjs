// The least that can answer: a bare `ws` server that sends every message back.
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (data) => socket.send(data, { binary: false }));
  socket.on("error", () => undefined);
});
server.on("listening", () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
);
