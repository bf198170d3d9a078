import type { DialOptions } from "./dial.ts";
import { dialGateway } from "./dial.ts";

/** What a connection to the Gateway found. */
export type Probe =
  | {
      readonly reached: true;
      readonly peerHost: string | null;
      readonly gatewayHost: string | null;
    }
  | { readonly reached: false; readonly error: string; readonly detail: string };

const PATIENCE_MS = 3000;

/** Connects to the Gateway and goes away again, to know whether it is there and as whom it would see us. Never rejects. */
export function probeGateway(options: DialOptions): Promise<Probe> {
  return new Promise((resolve) => {
    const decide = (probe: Probe): void => {
      clearTimeout(timer);
      resolve(probe);
      socket.on("error", () => undefined);
      socket.destroy();
    };
    const socket = dialGateway(options, {
      ready: () => {
        const { localAddress = null, remoteAddress = null } = socket;
        decide({ reached: true, peerHost: localAddress, gatewayHost: remoteAddress });
      },
      failed: (error) => {
        decide({ reached: false, error: error.code ?? error.message, detail: error.message });
      },
    });
    const timer = setTimeout(() => {
      decide({ reached: false, error: "ETIMEDOUT", detail: "nothing answered" });
    }, PATIENCE_MS);
  });
}
