import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Passes 127.0.0.1:`port` on to `host`:`port` and records nothing: what a user's own forwarder does. */
export async function forward(way: {
  readonly port: number;
  readonly host: string;
}): Promise<string> {
  const server = createServer((client) => {
    const upstream = connect(way.port, way.host);
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  server.listen(way.port, "127.0.0.1");
  await once(server, "listening");
  return "listening";
}
