import type { Entry } from "../../recording/entry.ts";
import { randomUUID } from "node:crypto";
import { headerValue, type Headers } from "../../wire/message.ts";
import { whyHeldBack, type SendRules } from "./may-send.ts";
import { frameKind, PlayedSocket, type PlayedClose } from "./played-socket.ts";
import { Correlation } from "../play/correlation.ts";
import type { Journal } from "../journal.ts";
import { isJsonObject, parseJsonObject, type JsonObject } from "../../gateway/json-object.ts";

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
  /** Given for a real Gateway: what may change it is held back, idempotency keys are new, placeholders of credentials are not sent. */
  readonly sendRules?: SendRules;
  /** Where what happens is written down. */
  readonly journal?: Journal;
}

/** A recorded request that was not sent. */
export interface HeldBack {
  readonly connection: number;
  /** The recorded request's entry. */
  readonly entry: number;
  readonly method: string;
  readonly why: string;
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
  readonly heldBack: readonly HeldBack[];
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
  const player = new ClientsPlayer(options);
  try {
    for (const entry of options.entries) await player.play(entry);
    return player.result();
  } finally {
    await player.end();
  }
}

type SpokenEntry = Extract<Entry, { kind: "message" }>;

interface Asked {
  readonly connection: number;
  readonly entry: number;
  readonly id: string;
  readonly method: string;
}

class ClientsPlayer {
  readonly #options: PlayedClientOptions;
  readonly #maxWaitMs: number;
  readonly #sockets = new Map<number, PlayedSocket>();
  readonly #correlation = new Correlation();
  readonly #asked: Asked[] = [];
  /** How often each kind of Gateway message came in the recording so far, by connection and kind. */
  readonly #counts = new Map<string, number>();
  readonly #heldBack: HeldBack[] = [];
  readonly #renewed = new Set<string>();
  /** Answers that cannot come: connection and id of requests held back. */
  readonly #notAwaited = new Set<string>();

  constructor(options: PlayedClientOptions) {
    this.#options = options;
    this.#maxWaitMs = options.maxWaitMs ?? 5000;
  }

  async play(entry: Entry): Promise<void> {
    const socket = this.#sockets.get(entry.connection);
    if (entry.kind === "http-request" && headerValue(entry.headers, "upgrade") !== null) {
      const { url, sendRules, journal = null } = this.#options;
      const place = new URL(pathOf(entry.target, sendRules !== undefined), url);
      const headers = passedHeaders(entry.headers, sendRules !== undefined);
      const opening = new PlayedSocket(place, headers, journal, entry.connection);
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
      heldBack: this.#heldBack,
      connections: [...this.#sockets].map(([connection, { wasOpened, close }]) => ({
        connection,
        opened: wasOpened,
        close,
      })),
    };
  }

  async end(): Promise<void> {
    const sockets = [...this.#sockets.values()];
    for (const socket of sockets) socket.drop();
    await Promise.all(sockets.map((socket) => socket.closed(this.#maxWaitMs)));
  }

  async #say(entry: SpokenEntry, socket: PlayedSocket): Promise<void> {
    const { message } = entry;
    const frame = message.type === "text" ? parseJsonObject(message.text) : null;
    if (this.#isTurnedAway(entry.connection, frame, socket)) return;
    if (this.#isHeldBack(entry, frame, socket)) return;
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
    if (this.#options.sendRules !== undefined) this.#renewKey(prepared);
    const text = JSON.stringify(this.#correlation.rewrite(prepared));
    socket.send({ type: "text", text });
  }

  /** Whom the Gateway has not let in asks it for nothing more. */
  #isTurnedAway(connection: number, frame: JsonObject | null, socket: PlayedSocket): boolean {
    if (this.#options.sendRules === undefined || frame?.["type"] !== "req") return false;
    const connects = this.#asked.filter(
      (asked) => asked.connection === connection && asked.method === "connect",
    );
    return connects.some(({ id }) => socket.first(`res ${id}`)?.["ok"] === false);
  }

  /** A real Gateway is asked for nothing that it must not be, and told nothing that is no request. */
  #isHeldBack(entry: SpokenEntry, frame: JsonObject | null, socket: PlayedSocket): boolean {
    const { sendRules } = this.#options;
    const { connection, message, redacted } = entry;
    if (sendRules === undefined || message.type === "close" || frame?.["method"] === "connect") {
      return false;
    }
    const method = typeof frame?.["method"] === "string" ? frame["method"] : null;
    const why =
      method === null
        ? "it is no request"
        : whyHeldBack(sendRules, { method, redacted, liveVersion: socket.gatewayVersion });
    if (why === null || message.type === "ping" || message.type === "pong") return false;
    this.#heldBack.push({ connection, entry: entry.entry, method: method ?? "(no request)", why });
    this.#notAwaited.add(`${connection} ${String(frame?.["id"])}`);
    return true;
  }

  /** A Gateway that has seen a key before would answer with what came of it then. One recorded key stays one key. */
  #renewKey({ params }: JsonObject): void {
    const key = isJsonObject(params) ? params["idempotencyKey"] : null;
    if (typeof key !== "string" || this.#renewed.has(key)) return;
    this.#renewed.add(key);
    this.#correlation.learn(key, randomUUID());
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
    if (frame === null || this.#notAwaited.has(`${entry.connection} ${String(frame["id"])}`))
      return;
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

/** Headers that belong to one connection or one handshake are made anew; of placeholders a real Gateway has no use. */
function passedHeaders(headers: Headers, isReal: boolean): Headers {
  const own = /^(?:host|connection|upgrade|sec-websocket-.*|content-length)$/i;
  const secret = /^(?:proxy-)?authorization$|^cookie$/i;
  return headers.filter(([name]) => !own.test(name) && !(isReal && secret.test(name)));
}

/** The recorded target as a path of the Gateway that is played to: an absolute one must lead nowhere else. */
function pathOf(target: string, isReal: boolean): string {
  const { pathname, search } = new URL(target, "ws://recorded.invalid");
  return isReal ? pathname : `${pathname}${search}`;
}
