import { once } from "node:events";
import { connect } from "node:net";
import type { HostPort } from "../wire/address.ts";

/** What a plain TCP connection to the Gateway found. */
export type Probe =
  | {
      readonly reached: true;
      readonly peerHost: string | null;
      readonly gatewayHost: string | null;
    }
  | { readonly reached: false; readonly error: string };

const PATIENCE_MS = 3000;

/** Connects to the Gateway and goes away again, to know whether it is there and as whom it would see us. Never rejects. */
export async function probeGateway(upstream: HostPort, source: string | null): Promise<Probe> {
  const { host, port } = upstream;
  const socket = connect({ host, port, ...(source === null ? {} : { localAddress: source }) });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { localAddress = null, remoteAddress = null } = socket;
    return { reached: true, peerHost: localAddress, gatewayHost: remoteAddress };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return { reached: false, error: code === "ABORT_ERR" ? "ETIMEDOUT" : code };
  } finally {
    socket.on("error", () => undefined);
    socket.destroy();
  }
}
