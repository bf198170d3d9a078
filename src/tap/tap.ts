import { once } from "node:events";
import { connect, createServer } from "node:net";
import { GwTraceError } from "../errors.ts";
import { formatAddress } from "../wire/address.ts";
import { Splice } from "./splice.ts";
import type { Server, Socket } from "node:net";
import type { HostPort } from "../wire/address.ts";
import type { Clock } from "./clock.ts";
import type { SpliceEnd, SpliceObserver } from "./observer.ts";

/** What a tap stands between, and who hears of it. */
export interface TapOptions {
  /** Where clients come in; port 0 picks a free one. */
  readonly listen: HostPort;
  readonly upstream: HostPort;
  /** The local address that the Gateway shall see, if not the kernel's choice. */
  readonly source?: string | null;
  readonly observer: SpliceObserver;
  readonly clock: Clock;
  /** Called when the observer throws, which ends its hearing, or when the system refuses a client. Traffic flows on. */
  readonly onTrouble?: (error: Error) => void;
}

/** Listens for the clients of a Gateway and passes every byte on, both ways, untouched. */
export class Tap implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: TapOptions;
  readonly #stops = new Map<number, () => void>();
  #observer: SpliceObserver | null;
  #connections = 0;

  constructor(options: TapOptions) {
    this.#options = options;
    this.#observer = options.observer;
    this.#server = createServer(
      { allowHalfOpen: true, noDelay: true, pauseOnConnect: true },
      (client) => this.#accept(client),
    );
  }

  /** Where clients come in, as `host:port`. */
  get address(): string {
    const { host, port } = this.hostPort;
    return formatAddress(host, port) ?? "";
  }

  /** Where clients come in. */
  get hostPort(): HostPort {
    const address = this.#server.address();
    return address === null || typeof address === "string"
      ? this.#options.listen
      : { host: address.address, port: address.port };
  }

  /** How many connections are open now. */
  get openConnections(): number {
    return this.#stops.size;
  }

  /** @throws {GwTraceError} PORT_IN_USE, ADDRESS_INVALID */
  async listen(): Promise<void> {
    const { host, port } = this.#options.listen;
    this.#server.listen({ host, port });
    try {
      await once(this.#server, "listening");
    } catch (error) {
      throw listenFailed(formatAddress(host, port) ?? host, error);
    }
    this.#server.on("error", (error) => this.#options.onTrouble?.(error));
  }

  /** Stops listening and ends the connections that are open; resolves when the last is closed. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const stop of this.#stops.values()) stop();
    await closed;
    while (this.#stops.size > 0) await new Promise(setImmediate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The Gateway is called before anything is read from the client, so that a client meets a Gateway that is away. */
  #accept(client: Socket): void {
    const connection = ++this.#connections;
    const clientAddress = formatAddress(client.remoteAddress, client.remotePort);
    const { upstream, source } = this.#options;
    const gateway = connect({
      ...upstream,
      ...(source ? { localAddress: source } : {}),
      allowHalfOpen: true,
      noDelay: true,
    });
    const fail = (end: SpliceEnd): void => {
      if (!this.#stops.has(connection)) return;
      gateway.destroy();
      client.resetAndDestroy();
      const addresses = { client: clientAddress, peer: null, gateway: null };
      this.#tell((observer, at) => observer.opened(connection, addresses, at));
      this.#closed(connection, end);
    };
    const refused = (error: NodeJS.ErrnoException): void =>
      fail({ by: "tap", how: "unreachable", error: error.code ?? error.message });
    const gone = (): void => fail({ by: "client", how: "reset", error: null });
    this.#stops.set(connection, () => fail({ by: "tap", how: "stopped", error: null }));
    client.on("error", gone);
    gateway.once("error", refused);
    gateway.once("connect", () => {
      client.off("error", gone);
      gateway.off("error", refused);
      this.#splice(connection, client, gateway);
    });
  }

  #splice(connection: number, client: Socket, gateway: Socket): void {
    const addresses = {
      client: formatAddress(client.remoteAddress, client.remotePort),
      peer: formatAddress(gateway.localAddress, gateway.localPort),
      gateway: formatAddress(gateway.remoteAddress, gateway.remotePort),
    };
    this.#tell((observer, at) => observer.opened(connection, addresses, at));
    const splice = new Splice(client, gateway, {
      bytes: (from, bytes) =>
        this.#tell((observer, at) => observer.bytes(connection, from, bytes, at)),
      ended: (from) => this.#tell((observer, at) => observer.ended(connection, from, at)),
      closed: (end) => this.#closed(connection, end),
    });
    this.#stops.set(connection, () => splice.stop());
  }

  #closed(connection: number, end: SpliceEnd): void {
    if (!this.#stops.delete(connection)) return;
    this.#tell((observer, at) => observer.closed(connection, end, at));
  }

  /** Whatever the observer does, the traffic flows on. */
  #tell(say: (observer: SpliceObserver, at: ReturnType<Clock["now"]>) => void): void {
    if (this.#observer === null) return;
    try {
      say(this.#observer, this.#options.clock.now());
    } catch (error) {
      this.#observer = null;
      this.#options.onTrouble?.(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/**
 * Starts a tap.
 * @throws {GwTraceError} PORT_IN_USE, ADDRESS_INVALID
 */
export async function startTap(options: TapOptions): Promise<Tap> {
  const tap = new Tap(options);
  await tap.listen();
  return tap;
}

function listenFailed(address: string, cause: unknown): GwTraceError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return code === "EADDRINUSE"
    ? new GwTraceError(
        "PORT_IN_USE",
        `another program listens on ${address} already`,
        "Choose another port with --listen, or port 0 for any free one.",
        { cause },
      )
    : new GwTraceError(
        "ADDRESS_INVALID",
        `cannot listen on ${address}: ${code}`,
        "Name an address of this machine and a port that you may use.",
        { cause },
      );
}
