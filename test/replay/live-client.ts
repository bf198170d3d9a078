import { WebSocket } from "ws";
import type { JsonObject } from "../../src/gateway/json-object.ts";

/** A hand-driven client of a replayed Gateway. */
export class LiveClient implements AsyncDisposable {
  readonly frames: JsonObject[] = [];
  readonly texts: string[] = [];
  readonly #socket: WebSocket;
  readonly #closed: Promise<readonly [code: number, reason: string]>;
  readonly #waiting = new Set<() => void>();
  #requests = 0;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#socket = new WebSocket(url, { headers, perMessageDeflate: false });
    this.#socket.on("message", (data: Buffer) => {
      const frame: JsonObject = JSON.parse(data.toString());
      this.frames.push(frame);
      this.texts.push(data.toString());
      for (const wake of this.#waiting) wake();
    });
    this.#socket.on("error", () => undefined);
    this.#closed = new Promise((resolve) => {
      this.#socket.once("close", (code, reason) => resolve([code, reason.toString()]));
    });
  }

  /** How it ended: the code and reason that the client saw. */
  get closed(): Promise<readonly [code: number, reason: string]> {
    return this.#closed;
  }

  /** The names of the events that came, in order. */
  get events(): readonly unknown[] {
    return this.frames.flatMap(({ type, event }) => (type === "event" ? [event] : []));
  }

  /** What came, in order: event names and ids of answers. */
  get order(): readonly unknown[] {
    return this.frames.map(({ event, id }) => event ?? id);
  }

  /** Waits for the first frame that fits, past or to come. */
  async frame(fits: (frame: JsonObject) => boolean): Promise<JsonObject> {
    for (;;) {
      const found = this.frames.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** Waits for an event of that name. */
  event(name: string): Promise<JsonObject> {
    return this.frame(({ event }) => event === name);
  }

  send(text: string | Uint8Array): void {
    this.#socket.send(text);
  }

  /** Sends a request and returns its id. */
  ask(method: string, params: unknown = {}): string {
    const id = `live-${++this.#requests}`;
    this.send(JSON.stringify({ type: "req", id, method, params }));
    return id;
  }

  /** Sends a request and waits for its answer. */
  call(method: string, params: unknown = {}): Promise<JsonObject> {
    const asked = this.ask(method, params);
    return this.frame(({ type, id }) => type === "res" && id === asked);
  }

  /** Waits for the challenge and sends `connect`; the answer as it came. */
  async connect(options: ConnectOptions = {}): Promise<JsonObject> {
    await this.event("connect.challenge");
    return this.call("connect", connectParams(options));
  }

  close(): Promise<readonly [code: number, reason: string]> {
    this.#socket.close(1000);
    return this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }
}

/** Who connects, in the words of the scripted conversations. */
export interface ConnectOptions {
  readonly client?: string;
  readonly role?: string;
  readonly scopes?: readonly string[];
  readonly device?: string;
}

function connectParams({ client = "cli/cli", role, scopes, device }: ConnectOptions): JsonObject {
  const [id = "", mode = ""] = client.split("/");
  return {
    minProtocol: 3,
    maxProtocol: 3,
    client: { id, mode, version: "2026.5.4", platform: "linux" },
    role: role ?? "operator",
    ...(scopes === undefined ? {} : { scopes }),
    auth: { token: "a-live-token" },
    ...(device === undefined ? {} : { device: { id: device, publicKey: "live-pk", nonce: "n" } }),
  };
}
