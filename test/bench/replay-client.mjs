// The clients of a replay, and what they measure: says `warm`, then the requests a second. node replay-client.mjs <port> <connections> <requests of each> <window>
import { once } from "node:events";
import { WebSocket } from "ws";
import { connectFrame, requestFrame, WARM_UP } from "./replay-conversation.mjs";

const [port, connections, requests, window] = process.argv.slice(2).map(Number);

/** Lets a connection in: an echo server sends no challenge and gives the `connect` back, a replay sends hello-ok. */
async function open() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  await once(socket, "open");
  const greeted = new Promise((resolve) => {
    socket.on("message", (data) => /"hello-ok"|"method":"connect"/.test(data) && resolve());
  });
  socket.send(JSON.stringify(connectFrame()));
  await greeted;
  socket.removeAllListeners("message");
  return socket;
}

/** Keeps `window` requests under way until these are answered. Rejects when something is refused. */
function ask(socket, texts) {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    const send = () => socket.send(texts[sent++]);
    socket.on("message", (data) => {
      if (data.includes('"ok":false')) reject(new Error(`refused: ${data}`));
      answered += 1;
      if (sent < texts.length) send();
      if (answered !== texts.length) return;
      socket.removeAllListeners("message");
      resolve();
    });
    while (sent < Math.min(window, texts.length)) send();
  });
}

const texts = Array.from({ length: connections }, (_, connection) =>
  Array.from({ length: requests }, (__, index) =>
    JSON.stringify(requestFrame(connection + 1, index)),
  ),
);
const sockets = [];
for (let connection = 0; connection < connections; connection++) sockets.push(await open());
const warm = Math.floor(requests * WARM_UP);
await Promise.all(sockets.map((socket, i) => ask(socket, texts[i].slice(0, warm))));
process.stdout.write("warm\n");
const start = performance.now();
await Promise.all(sockets.map((socket, i) => ask(socket, texts[i].slice(warm))));
const seconds = (performance.now() - start) / 1000;
process.stdout.write(`${(connections * (requests - warm)) / seconds}\n`);
for (const socket of sockets) {
  socket.close(1000);
  await once(socket, "close");
}
