import { once } from "node:events";
import { createServer } from "node:net";

const ATTEMPTS = 50;

/** A loopback port P such that P and P + 2 are free: a Gateway on P opens its browser control on P + 2. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = await listenOnce(0);
    if (port !== null && (await listenOnce(port + 2)) !== null) return port;
  }
  throw new Error("no two free loopback ports found");
}

async function listenOnce(port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    return address !== null && typeof address === "object" ? address.port : null;
  } catch {
    return null;
  } finally {
    server.close();
  }
}
