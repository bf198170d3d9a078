import { once } from "node:events";
import { createServer } from "node:net";
import { formatAddress, listenFailed } from "../wire/address.ts";
import { dialGateway } from "./dial.ts";
import { acceptTls } from "./accept-tls.ts";
import { resetSocket } from "./secured.ts";
import { Splice } from "./splice.ts";
import type { SecureContext } from "node:tls";
import type { Server, Socket } from "node:net";
import type { HostPort } from "../wire/address.ts";
import type { Moment } from "../wire/event.ts";
import type { Clock } from "./clock.ts";
import type { DialOptions } from "./dial.ts";
import type { SpliceEnd, SpliceObserver } from "./observer.ts";
import type { Rewriter } from "./splice.ts";

/** What a tap stands between, and who hears of it. */
export interface TapOptions {
  /** Where clients come in; port 0 picks a free one. */
  readonly listen: HostPort;
  /** The certificate and key with which clients are received over TLS; null for plain TCP. */
  readonly listenTls?: SecureContext | null;
  readonly upstream: DialOptions;
  /** Makes, for each connection, what changes the bytes of its client; null to leave them as they are. */
  readonly createRewriter?: (() => Rewriter) | null;
  readonly observer: SpliceObserver;
  readonly clock: Clock;
  /** Called when the observer throws, which ends its hearing, or when the system refuses a client. Traffic flows on. */
  readonly onTrouble?: (error: Error) => void;
}

/** How long the system may take to close the sockets of a tap that stops. */
const CLOSING_MS = 2000;

/** Listens for the clients of a Gateway and passes every byte on, both ways, untouched. */
export class Tap implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: TapOptions;
  readonly #stops = new Map<number, () => void>();
  #observer: SpliceObserver | null;
  #connections = 0;
  #closing: Promise<void> | null = null;

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
      throw listenFailed(
        this.#options.listen,
        error,
        "Name an address of this machine and a port that you may use.",
      );
    }
    this.#server.on("error", (error) => this.#options.onTrouble?.(error));
  }

  /**
   * Stops listening and ends the connections that are open. What they were is told before this returns; it resolves when the system
   * has closed their sockets too, or has not done so in time. A second call waits for the same.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** From now on nobody hears what crosses; it is passed on as before. */
  stopObserving(): void {
    this.#observer = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const stop of this.#stops.values()) stop();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSING_MS);
    });
    await Promise.race([closed, deadline]);
    clearTimeout(timer);
  }

  /** The Gateway is called before anything is read from the client, so that a client meets a Gateway that is away. */
  #accept(client: Socket): void {
    const connection = ++this.#connections;
    const clientAddress = formatAddress(client.remoteAddress, client.remotePort);
    const fail = (end: SpliceEnd): void => {
      if (!this.#stops.has(connection)) return;
      gateway.destroy();
      resetSocket(client);
      const addresses = { client: clientAddress, peer: null, gateway: null };
      this.#tell((observer, at) => observer.opened(connection, addresses, at));
      this.#closed(connection, end);
    };
    const gone = (): void => fail({ by: "client", how: "reset", error: null });
    const gateway = dialGateway(this.#options.upstream, {
      ready: () => {
        client.off("error", gone);
        this.#receive(connection, client, gateway);
      },
      failed: (error) =>
        fail({ by: "tap", how: "unreachable", error: error.code ?? error.message }),
    });
    this.#stops.set(connection, () => fail({ by: "tap", how: "stopped", error: null }));
    client.on("error", gone);
  }

  #receive(connection: number, client: Socket, gateway: Socket): void {
    const { listenTls } = this.#options;
    const addresses = {
      client: formatAddress(client.remoteAddress, client.remotePort),
      peer: formatAddress(gateway.localAddress, gateway.localPort),
      gateway: formatAddress(gateway.remoteAddress, gateway.remotePort),
    };
    this.#tell((observer, at) => observer.opened(connection, addresses, at));
    if (!listenTls) return this.#splice(connection, client, gateway);
    const fail = (end: SpliceEnd): void => {
      gateway.destroy();
      client.destroy();
      this.#closed(connection, end);
    };
    const gone = (): void => fail({ by: "gateway", how: "reset", error: null });
    gateway.on("error", gone);
    this.#stops.set(connection, () => fail({ by: "tap", how: "stopped", error: null }));
    acceptTls(client, listenTls, {
      ready: (secure) => {
        gateway.off("error", gone);
        this.#splice(connection, secure, gateway);
      },
      failed: (error) => fail({ by: "client", how: "reset", error }),
    });
  }

  #splice(connection: number, client: Socket, gateway: Socket): void {
    const splice = new Splice(
      client,
      gateway,
      {
        bytes: (from, bytes) =>
          this.#tell((observer, at) => observer.bytes(connection, from, bytes, at)),
        ended: (from) => this.#tell((observer, at) => observer.ended(connection, from, at)),
        closed: (end) => this.#closed(connection, end),
      },
      this.#options.createRewriter?.() ?? null,
    );
    this.#stops.set(connection, () => splice.stop());
  }

  #closed(connection: number, end: SpliceEnd): void {
    if (!this.#stops.delete(connection)) return;
    this.#tell((observer, at) => observer.closed(connection, end, at));
  }

  /** Whatever the observer does, the traffic flows on. */
  #tell<T>(say: (observer: SpliceObserver, at: Moment) => T): T | void {
    if (this.#observer === null) return;
    try {
      return say(this.#observer, this.#options.clock.now());
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
