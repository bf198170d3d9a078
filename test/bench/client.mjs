// Stands for a client, and measures. node client.mjs <port> <round-trips|load> <size of a message> <messages> <window> <connections>
import { once } from "node:events";
import { WebSocket } from "ws";
import { createFrames } from "./frames.mjs";
import { CONNECT } from "./handshake.mjs";

const [port, mode, ...numbers] = process.argv.slice(2);
const [sizeBytes, messages, window, connections] = numbers.map(Number);
const requests = createFrames(2, sizeBytes, sizeBytes > 1000 ? 512 : 8192).requests.map((text) =>
  Buffer.from(text),
);

async function open() {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  await once(socket, "message");
  socket.send(CONNECT);
  await once(socket, "message");
  return socket;
}

async function close(socket) {
  socket.close(1000);
  await once(socket, "close");
}

/** One request after the other, each timed. */
async function roundTrips(socket, count) {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const start = process.hrtime.bigint();
    socket.send(requests[i % requests.length], { binary: false });
    await new Promise((resolve) => socket.once("message", resolve));
    times[i] = Number(process.hrtime.bigint() - start) / 1000;
  }
  return times.toSorted();
}

/** Keeps so many requests under way, until all are answered. */
function load(socket, count) {
  return new Promise((resolve) => {
    let sent = 0;
    let answered = 0;
    const send = () => socket.send(requests[sent++ % requests.length], { binary: false });
    socket.on("message", () => {
      answered += 1;
      if (sent < count) send();
      if (answered !== count) return;
      socket.removeAllListeners("message");
      resolve();
    });
    while (sent < Math.min(window, count)) send();
  });
}

const sockets = await Promise.all(Array.from({ length: connections }, open));
let result;
if (mode === "round-trips") {
  await roundTrips(sockets[0], Math.ceil(messages / 4));
  const times = await roundTrips(sockets[0], messages);
  result = { p50: times[Math.floor(messages * 0.5)], p99: times[Math.floor(messages * 0.99)] };
} else {
  const each = Math.ceil(messages / connections);
  // Nobody's just-in-time compiler is warm at first.
  await Promise.all(sockets.map((socket) => load(socket, Math.ceil(each / 5))));
  const start = performance.now();
  await Promise.all(sockets.map((socket) => load(socket, each)));
  const seconds = (performance.now() - start) / 1000;
  result = {
    seconds,
    perSecond: (2 * each * connections) / seconds,
    megabytes: (2 * each * connections * sizeBytes) / seconds / 1e6,
  };
}
await Promise.all(sockets.map(close));
process.stdout.write(`${JSON.stringify(result)}\n`);
