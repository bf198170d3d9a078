import { GwTraceError } from "../errors.ts";
import { ProbeSocket } from "./probe-socket.ts";

/** How a Gateway met a client that only knocked; `why` says what went wrong instead of its challenge. */
export type Greeting =
  | { readonly answers: true }
  | { readonly answers: false; readonly why: string };

const PATIENCE_MS = 3000;

/** Opens a WebSocket and waits for the challenge, which a Gateway sends before it knows anything of a client. Sends nothing. */
export async function greetGateway(url: string): Promise<Greeting> {
  await using socket = new ProbeSocket(url, PATIENCE_MS);
  try {
    await socket.challenged();
    return { answers: true };
  } catch (error) {
    if (error instanceof GwTraceError)
      return { answers: false, why: socket.ended ?? error.message };
    throw error;
  }
}
