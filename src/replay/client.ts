import type { Entry } from "../recording/entry.ts";
import { headerValue, type Headers } from "../wire/message.ts";
import { frameKind, PlayedSocket, type PlayedClose } from "./client-socket.ts";
import { Correlation } from "./correlation.ts";
import { isJsonObject, parseJsonObject, type JsonObject } from "../gateway/json-object.ts";

/** How recorded clients are played. */
export interface PlayedClientOptions {
  readonly entries: readonly Entry[];
  /** The Gateway to play them to, `ws://…`. */
  readonly url: string;
  /** How long to wait for an answer that came in the recording. Default 5000. */
  readonly maxWaitMs?: number;
  /** How long to wait for an event that came in the recording; events need not come again. Default 250. */
  readonly eventWaitMs?: number;
  /** Completes the recorded params of a `connect`, as with credentials and a device signature. The recorded ones are redacted. */
  readonly prepareConnect?: (
    params: JsonObject,
    challenge: { readonly nonce: string },
  ) => JsonObject | Promise<JsonObject>;
}

/** What came of one recorded request, played again. */
export interface PlayedAnswer {
  readonly connection: number;
  /** The recorded request's entry. */
  readonly entry: number;
  readonly method: string;
  /** Null when no answer came. */
  readonly ok: boolean | null;
  readonly payload: unknown;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

/** What came of the recorded clients. Connections are numbered as recorded. */
export interface PlayedClients {
  readonly answers: readonly PlayedAnswer[];
  readonly connections: readonly {
    readonly connection: number;
    /** False when the Gateway did not take the WebSocket. */
    readonly opened: boolean;
    readonly close: PlayedClose | null;
  }[];
}

/**
 * Plays the clients of a recording: opens their connections and sends what they sent, in recorded order, each thing once
 * what came before it has been answered. Never rejects for what the Gateway does.
 */
export async function playClient(options: PlayedClientOptions): Promise<PlayedClients> {
  const troupe = new Troupe(options);
  try {
    for (const entry of options.entries) await troupe.play(entry);
    return troupe.result();
  } finally {
    troupe.end();
  }
}

type SpokenEntry = Extract<Entry, { kind: "message" }>;

interface Asked {
  readonly connection: number;
  readonly entry: number;
  readonly id: string;
  readonly method: string;
}

class Troupe {
  readonly #options: PlayedClientOptions;
  readonly #maxWaitMs: number;
  readonly #sockets = new Map<number, PlayedSocket>();
  readonly #correlation = new Correlation();
  readonly #asked: Asked[] = [];
  /** How often each kind of Gateway message came in the recording so far, by connection and kind. */
  readonly #counts = new Map<string, number>();

  constructor(options: PlayedClientOptions) {
    this.#options = options;
    this.#maxWaitMs = options.maxWaitMs ?? 5000;
  }

  async play(entry: Entry): Promise<void> {
    const socket = this.#sockets.get(entry.connection);
    if (entry.kind === "http-request" && headerValue(entry.headers, "upgrade") !== null) {
      const url = new URL(entry.target, this.#options.url);
      const opening = new PlayedSocket(url, passedHeaders(entry.headers));
      this.#sockets.set(entry.connection, opening);
      await opening.opened(this.#maxWaitMs);
    } else if (socket === undefined) {
      return;
    } else if (entry.kind === "closed") {
      if (entry.by !== "gateway") socket.drop();
    } else if (entry.kind === "message") {
      await (entry.from === "client" ? this.#say(entry, socket) : this.#wait(entry, socket));
    }
  }

  result(): PlayedClients {
    return {
      answers: this.#asked.map((asked) => this.#answerTo(asked)),
      connections: [...this.#sockets].map(([connection, { wasOpened, close }]) => ({
        connection,
        opened: wasOpened,
        close,
      })),
    };
  }

  end(): void {
    for (const socket of this.#sockets.values()) socket.drop();
  }

  async #say(entry: SpokenEntry, socket: PlayedSocket): Promise<void> {
    const { message } = entry;
    const frame = message.type === "text" ? parseJsonObject(message.text) : null;
    this.#noteAsked(entry);
    if (frame?.["type"] !== "req") {
      // A close is said once what the client had seen before it is there, so it is simply next.
      if (message.type !== "pong") socket.send(message);
      if (message.type === "close") await socket.closed(this.#maxWaitMs);
      return;
    }
    const prepared =
      frame["method"] === "connect" && isJsonObject(frame["params"])
        ? { ...frame, params: await this.#prepareConnect(frame["params"], socket) }
        : frame;
    const text = this.#correlation.rewrite(JSON.stringify(prepared));
    socket.send({ type: "text", text });
  }

  /** Without `prepareConnect` the placeholders stay where credentials were taken out: only a played Gateway takes them. */
  async #prepareConnect(params: JsonObject, socket: PlayedSocket): Promise<JsonObject> {
    const { prepareConnect } = this.#options;
    if (prepareConnect === undefined) return params;
    const nonce = socket.challenge?.["nonce"];
    return prepareConnect(params, { nonce: typeof nonce === "string" ? nonce : "" });
  }

  #noteAsked({ connection, entry, message }: SpokenEntry): void {
    if (message.type !== "text" && message.type !== "binary") return;
    const text = message.type === "text" ? message.text : Buffer.from(message.bytes).toString();
    const { type, id, method } = parseJsonObject(text) ?? {};
    if (type === "req" && typeof id === "string" && typeof method === "string") {
      this.#asked.push({ connection, entry, id, method });
    }
  }

  async #wait(entry: SpokenEntry, socket: PlayedSocket): Promise<void> {
    const { message } = entry;
    if (message.type === "close") {
      await socket.closed(this.#maxWaitMs);
      return;
    }
    const frame = message.type === "text" ? parseJsonObject(message.text) : null;
    if (frame === null) return;
    const kind = frameKind(frame);
    const key = `${entry.connection} ${kind}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    const isNeeded = frame["type"] === "res" || frame["event"] === "connect.challenge";
    const waitMs = isNeeded ? this.#maxWaitMs : (this.#options.eventWaitMs ?? 250);
    const live = await socket.frame(kind, count, waitMs);
    // What the Gateway made up, such as a pairing request's id, is what later requests must name.
    if (live !== null) this.#correlation.learnFrom(frame, live);
  }

  #answerTo({ connection, entry, id, method }: Asked): PlayedAnswer {
    const frame = this.#sockets.get(connection)?.first(`res ${id}`) ?? null;
    const error = isJsonObject(frame?.["error"]) ? frame["error"] : null;
    return {
      connection,
      entry,
      method,
      ok: frame === null ? null : frame["ok"] === true,
      payload: frame?.["payload"],
      errorCode: typeof error?.["code"] === "string" ? error["code"] : null,
      errorMessage: typeof error?.["message"] === "string" ? error["message"] : null,
    };
  }
}

/** Headers that belong to one connection or one handshake are made anew. */
function passedHeaders(headers: Headers): Headers {
  const own = /^(?:host|connection|upgrade|sec-websocket-.*|content-length)$/i;
  return headers.filter(([name]) => !own.test(name));
}
