// The limit for a tap in Node: passes bytes on, records nothing. node relay-bare.mjs <port>
import { connect, createServer } from "node:net";

const server = createServer({ noDelay: true }, (client) => {
  const gateway = connect({ host: "127.0.0.1", port: Number(process.argv[2]), noDelay: true });
  client.pipe(gateway).pipe(client);
  for (const socket of [client, gateway]) socket.on("error", () => undefined);
});
server.listen(0, "127.0.0.1", () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
);
