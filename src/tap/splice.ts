import type { Socket } from "node:net";
import type { SpliceEnd } from "./observer.ts";
import { resetSocket } from "./secured.ts";
import type { Side } from "../wire/message.ts";

/** What a splice tells of itself. */
export interface SpliceListener {
  /** These bytes were given to the other side's socket, which may still be sending them. Reads on when the promise resolves. */
  readonly bytes: (from: Side, bytes: Uint8Array) => Promise<void> | void;
  readonly ended: (from: Side) => void;
  readonly closed: (end: SpliceEnd) => void;
}

/** Changes what a client sends before it goes on. Only where the user asked for it, or the way demands it. */
export interface Rewriter {
  rewrite(bytes: Uint8Array): Uint8Array;
  /** What it still holds back when the client sends nothing more. */
  end(): Uint8Array;
}

/** Two connected sockets joined so that each end meets what the other does: bytes, back-pressure, FIN and RST. */
export class Splice {
  readonly #sockets: Readonly<Record<Side, Socket>>;
  readonly #listener: SpliceListener;
  readonly #rewriter: Rewriter | null;
  readonly #open = new Set<Side>(["client", "gateway"]);
  #end: SpliceEnd | null = null;

  /** Both sockets must have been made with `allowHalfOpen`, and the client's must not have been read. */
  constructor(
    client: Socket,
    gateway: Socket,
    listener: SpliceListener,
    rewriter: Rewriter | null = null,
  ) {
    this.#sockets = { client, gateway };
    this.#rewriter = rewriter;
    this.#listener = listener;
    this.#join("client", client, gateway);
    this.#join("gateway", gateway, client);
    client.resume();
    gateway.resume();
  }

  /** Ends both sides because gw-trace stops, and says so at once: nothing more is heard of either. */
  stop(): void {
    if (this.#open.size === 0) return;
    this.#sockets.client.destroy();
    this.#sockets.gateway.destroy();
    this.#open.clear();
    this.#listener.closed(this.#end ?? { by: "tap", how: "stopped", error: null });
  }

  #join(from: Side, source: Socket, target: Socket): void {
    const rewriter = from === "client" ? this.#rewriter : null;
    let waitsFor = 0;
    const wait = (): void => {
      waitsFor += 1;
      source.pause();
    };
    const goOn = (): void => {
      waitsFor -= 1;
      if (waitsFor === 0) source.resume();
    };
    source.on("data", (received: Buffer) => {
      const bytes = rewriter === null ? received : rewriter.rewrite(received);
      if (bytes.length === 0) return;
      const isFull = !target.write(bytes);
      // A write that the kernel took at once leaves nothing to wait for, whatever write() says about its size.
      if (isFull && target.writableLength > 0) {
        wait();
        target.once("drain", goOn);
      }
      const room = this.#listener.bytes(from, bytes);
      if (room === undefined) return;
      wait();
      void room.then(goOn);
    });
    source.on("end", () => {
      const rest = rewriter?.end();
      if (rest !== undefined && rest.length > 0) {
        target.write(rest);
        void this.#listener.bytes(from, rest);
      }
      target.end();
      this.#end ??= { by: from, how: "fin", error: null };
      this.#listener.ended(from);
    });
    source.on("error", (error: NodeJS.ErrnoException) => {
      const code = error.code ?? error.message;
      this.#end = { ...(this.#end ?? { by: from, how: "reset" }), error: this.#end?.error ?? code };
      this.#reset(target);
    });
    source.on("close", () => this.#closed(from));
  }

  /**
   * Whatever made one side fail, the other would have met a reset, after the bytes that had arrived before it. Those that wait here go
   * first; what the kernel has taken and not sent, as the other side does not read, a reset throws away.
   */
  #reset(target: Socket): void {
    if (target.writableLength === 0 || target.writableEnded) resetSocket(target);
    else target.write("", () => resetSocket(target));
  }

  #closed(side: Side): void {
    if (!this.#open.delete(side) || this.#open.size > 0) return;
    this.#listener.closed(this.#end ?? { by: side, how: "fin", error: null });
  }
}
