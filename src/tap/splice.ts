import type { Socket } from "node:net";
import type { SpliceEnd } from "./observer.ts";
import type { Side } from "../wire/message.ts";

/** What a splice tells of itself. */
export interface SpliceListener {
  /** These bytes were given to the other side's socket, which may still be sending them. */
  readonly bytes: (from: Side, bytes: Uint8Array) => void;
  readonly ended: (from: Side) => void;
  readonly closed: (end: SpliceEnd) => void;
}

/** Two connected sockets joined so that each end meets what the other does: bytes, back-pressure, FIN and RST. */
export class Splice {
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #listener: SpliceListener;
  readonly #open = new Set<Side>(["client", "gateway"]);
  #end: SpliceEnd | null = null;

  /** Both sockets must have been made with `allowHalfOpen`, and the client's must not have been read. */
  constructor(client: Socket, gateway: Socket, listener: SpliceListener) {
    this.#sockets = { client, gateway };
    this.#listener = listener;
    this.#join("client", client, gateway);
    this.#join("gateway", gateway, client);
    client.resume();
    gateway.resume();
  }

  /** Ends both sides because gw-trace stops. */
  stop(): void {
    this.#end ??= { by: "tap", how: "stopped", error: null };
    this.#sockets.client.destroy();
    this.#sockets.gateway.destroy();
  }

  #join(from: Side, source: Socket, target: Socket): void {
    source.on("data", (bytes: Buffer) => {
      const isFull = !target.write(bytes);
      // A write that the kernel took at once leaves nothing to wait for, whatever write() says about its size.
      if (isFull && target.writableLength > 0) {
        source.pause();
        target.once("drain", () => source.resume());
      }
      this.#listener.bytes(from, bytes);
    });
    source.on("end", () => {
      target.end();
      this.#end ??= { by: from, how: "fin", error: null };
      this.#listener.ended(from);
    });
    source.on("error", (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message;
      this.#end = { ...(this.#end ?? { by: from, how: "reset" }), error: this.#end?.error ?? code };
      // Whatever made this side fail, the other would have met a reset.
      target.resetAndDestroy();
    });
    source.on("close", () => this.#closed(from));
  }

  #closed(side: Side): void {
    this.#open.delete(side);
    if (this.#open.size > 0) return;
    this.#listener.closed(this.#end ?? { by: side, how: "fin", error: null });
  }
}
