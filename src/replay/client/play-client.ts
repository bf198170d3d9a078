import type { Entry } from "../../recording/entry.ts";
import { randomUUID } from "node:crypto";
import { headerValue, type Headers } from "../../wire/message.ts";
import { frameKind, PlayedSocket } from "./played-socket.ts";
import { Correlation } from "../play/render-frame.ts";
import { Journal } from "../journal.ts";
import type { Connection, Trace } from "../../trace/model.ts";
import { isJsonObject, parseJsonObject, type JsonObject } from "../../gateway/json-object.ts";
import { look } from "../../gateway/measured.ts";
import { NO_SCOPE, type Profile } from "../../gateway/profile.ts";
import { rulesFor } from "../../gateway/rules.ts";
import { gatewayVersion } from "../../findings/diagnose.ts";
import { compareConnection, type TiedConnection, neverAsked } from "../verdict/compare.ts";
import { buildVerdict, type Verdict } from "../verdict/verdict.ts";

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

/** What came of the recorded clients. */
export interface PlayedClients {
  /** What happened on each connection, numbered as recorded. */
  readonly connections: readonly Connection[];
  readonly heldBack: readonly HeldBack[];
}

/**
 * Plays the clients of a recording: opens their connections and sends what they sent, in recorded order, each thing once
 * what came before it has been answered. Never rejects for what the Gateway does.
 */
export async function playClient(options: PlayedClientOptions): Promise<PlayedClients> {
  const player = new ClientsPlayer(options);
  try {
    for (const entry of options.entries) await player.play(entry);
  } finally {
    await player.end();
  }
  return { connections: player.journal.connections(), heldBack: player.heldBack };
}

type SpokenEntry = Extract<Entry, { kind: "message" }>;

class ClientsPlayer {
  readonly journal: Journal;
  readonly heldBack: HeldBack[] = [];
  readonly #options: PlayedClientOptions;
  readonly #maxWaitMs: number;
  readonly #sockets = new Map<number, PlayedSocket>();
  readonly #correlation = new Correlation();
  /** The ids of `connect` requests, by connection. */
  readonly #connects = new Map<number, string>();
  readonly #renewed = new Set<string>();

  constructor(options: PlayedClientOptions) {
    this.#options = options;
    this.#maxWaitMs = options.maxWaitMs ?? 5000;
    this.journal = options.journal ?? new Journal();
    if (options.journal === undefined) this.journal.writeTo(null);
  }

  async play(entry: Entry): Promise<void> {
    const socket = this.#sockets.get(entry.connection);
    if (entry.kind === "http-request" && headerValue(entry.headers, "upgrade") !== null) {
      const { url, sendRules } = this.#options;
      const place = new URL(pathOf(entry.target, sendRules !== undefined), url);
      const headers = passedHeaders(entry.headers, sendRules !== undefined);
      const opening = new PlayedSocket(place, headers, this.journal, entry.connection);
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
    if (frame?.["type"] !== "req") {
      // A close is said once what the client had seen before it is there, so it is simply next.
      if (message.type !== "pong") socket.send(message);
      if (message.type === "close") await socket.closed(this.#maxWaitMs);
      return;
    }
    if (frame["method"] === "connect") this.#connects.set(entry.connection, String(frame["id"]));
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
    const id = this.#connects.get(connection);
    return socket.first(`res ${id}`)?.["ok"] === false;
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
        : whyHeldBack(sendRules, method, redacted, socket.gatewayVersion);
    if (why === null || message.type === "ping" || message.type === "pong") return false;
    this.heldBack.push({ connection, entry: entry.entry, method: method ?? "(no request)", why });
    socket.expectNone(String(frame?.["id"]));
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

  async #wait(entry: SpokenEntry, socket: PlayedSocket): Promise<void> {
    const { message } = entry;
    if (message.type === "close") {
      await socket.closed(this.#maxWaitMs);
      return;
    }
    const frame = message.type === "text" ? parseJsonObject(message.text) : null;
    if (frame === null) return;
    const isNeeded = frame["type"] === "res" || frame["event"] === "connect.challenge";
    const waitMs = isNeeded ? this.#maxWaitMs : (this.#options.eventWaitMs ?? 250);
    const live = await socket.next(frameKind(frame), waitMs);
    // What the Gateway made up, such as a pairing request's id, is what later requests must name.
    if (live !== null) this.#correlation.learnFrom(frame, live);
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

/** What recorded clients may send to a real Gateway. */
export interface SendRules {
  /** The version of the recorded Gateway; null when the recording does not say. */
  readonly recordedVersion: string | null;
  /** True when requests that may change something are sent as well. */
  readonly allowWrites: boolean;
  /** What counts for the versions that these profiles are of. */
  readonly profiles?: readonly Profile[];
}

/** These need no scope, and change something all the same, or wait for somebody who does. */
const FREE_BUT_CHANGING: ReadonlySet<string> = new Set([
  "device.scopes.requestUpgrade",
  "device.scopes.waitUpgrade",
]);

/**
 * Why a request is not sent to a real Gateway; null when it is. Only a method that needs no more than `operator.read`, on the
 * recorded version and on the live one, counts as one that changes nothing.
 */
function whyHeldBack(
  rules: SendRules,
  method: string,
  redacted: boolean,
  /** The version that hello-ok of the live Gateway names; null before it. */
  liveVersion: string | null,
): string | null {
  if (redacted) return "credentials were taken out of its params";
  if (rules.allowWrites) return null;
  const areHarmless = [rules.recordedVersion, liveVersion].every((version) => {
    const need = look(rulesFor(version, rules.profiles).profile.methods, method);
    if (need === NO_SCOPE) return !FREE_BUT_CHANGING.has(method);
    return need === "operator.read" || need === "operator.sessions.read";
  });
  return areHarmless ? null : "it may change something";
}

/** Compares the recording with what its clients met at `url`, connection by connection and request by request. */
export function buildClientVerdict(
  before: Trace,
  now: Pick<Trace, "connections">,
  heldBack: readonly HeldBack[],
  url: string,
): Verdict {
  const why = new Map(heldBack.map((held) => [held.entry, held.why]));
  const recorded = before.connections.filter(({ upgrade }) => upgrade !== null);
  return buildVerdict({
    recordings: [before.recording.name],
    url,
    versions: { before: gatewayVersion(before), now: gatewayVersion(now) },
    connections: recorded.map((connection) => {
      const live = now.connections.find(({ id }) => id === connection.id) ?? null;
      return compareConnection(tie(before.recording.name, connection, live, why));
    }),
  });
}

function tie(
  recording: string,
  recorded: Connection,
  live: Connection | null,
  why: ReadonlyMap<number, string>,
): TiedConnection {
  // Recorded ids are sent again, so a request is found by its own.
  const asked = new Map(live?.rpcs.map((rpc) => [rpc.id, rpc.requestEntry]));
  const origin = { grade: "live", source: null, missing: null } as const;
  return {
    live,
    recording,
    recorded,
    as: live === null ? "never" : "same",
    ...origin,
    differences: [],
    calls: recorded.rpcs.map(({ id, method, requestEntry }) => {
      const liveEntry = asked.get(id) ?? null;
      const never = neverAsked({ method, entry: requestEntry });
      const missing = why.get(requestEntry) ?? null;
      if (missing !== null) return { ...never, as: "held-back", missing };
      return liveEntry === null ? never : { ...never, ...origin, as: "same", liveEntry };
    }),
  };
}
