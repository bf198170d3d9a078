// Stands for the Gateway: after the handshake it answers each message with the next of its own.
import { WebSocketServer } from "ws";
import { createFrames } from "./frames.mjs";
import { CHALLENGE, HELLO } from "./handshake.mjs";

const sizeBytes = Number(process.argv[2]);
const answers = createFrames(1, sizeBytes, sizeBytes > 1000 ? 512 : 8192).answers.map((text) =>
  Buffer.from(text),
);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
  let next = 0;
  socket.send(CHALLENGE);
  socket.once("message", () => {
    socket.send(HELLO);
    socket.on("message", () => socket.send(answers[next++ % answers.length], { binary: false }));
  });
  socket.on("error", () => undefined);
});
server.on("listening", () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
);
