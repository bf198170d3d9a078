import { GwTraceError } from "../../errors.ts";
import { isLoopbackAddress } from "../../gateway/address.ts";
import { parseHostPort, type HostPort, formatAddress, listenFailed } from "../../wire/address.ts";
import type { ReplayedGateway, ReplayedGatewayOptions, SharedState } from "./replayed-gateway.ts";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type ServerResponse,
  type Server,
} from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { tellRules } from "../../gateway/rules.ts";
import {
  Counterparts,
  type Counterpart,
  findEarlyEnding,
  findForwardingRefusal,
  isSameUpgrade,
  type UpgradeHead,
} from "../match/counterparts.ts";
import { Correlation } from "../play/render-frame.ts";
import { Journal, pairsOf } from "../journal.ts";
import { LiveConnection } from "./live-connection.ts";
import {
  PlainHttp,
  withoutBody,
  type HttpAnswer,
  greetForeignPage,
  Visitors,
} from "./plain-http.ts";
import type { HttpHead, ScriptedConnection } from "../script/script.ts";
import type { NewRecordingHeader } from "../../recording/entry.ts";
import type { Connection } from "../../trace/model.ts";
import { checkSpeed, Progress } from "../play/waiting.ts";
import type { ClientLink } from "../play/player.ts";
import {
  compareConnection,
  type TiedConnection,
  neverOpened,
  tieEarly,
} from "../verdict/compare.ts";
import { buildVerdict, type Verdict } from "../verdict/verdict.ts";
import { World } from "../derive/world.ts";
import { linkTo, hearSocket } from "./web-socket.ts";

/**
 * Plays recorded Gateways on one loopback port. Opens no other socket.
 * @throws {GwTraceError} ADDRESS_INVALID, REMOTE_NOT_ALLOWED, PORT_IN_USE, USAGE
 */
export async function startReplayedGateway(
  options: ReplayedGatewayOptions,
): Promise<ReplayedGateway> {
  const gateway = new GatewayServer(options);
  await gateway.listen(loopbackOnly(options.listen ?? "127.0.0.1:0"));
  return gateway;
}

function loopbackOnly(listen: string): HostPort {
  const address = parseHostPort(listen);
  if (isLoopbackAddress(address.host) === true) return address;
  throw new GwTraceError(
    "REMOTE_NOT_ALLOWED",
    `a replay does not listen on ${address.host}`,
    "Listen on a loopback address, such as 127.0.0.1:0.",
  );
}

const DEFAULT_MAX_WAIT_MS = 1000;

/** The head that makes a connection a WebSocket. */
const SWITCHING: HttpHead = {
  status: 101,
  reason: "Switching Protocols",
  headers: [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
  ],
};

/** The sockets of a replayed Gateway: who comes in, by HTTP or WebSocket, and what is said to whom. */
export class GatewayServer implements ReplayedGateway {
  readonly finished: Promise<void>;
  readonly #options: ReplayedGatewayOptions;
  readonly #journal: Journal;
  readonly #assumedPeer: string | null;
  readonly #plain: PlainHttp;
  readonly #visitors: Visitors;
  readonly #shared: SharedState;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #numbers = new WeakMap<Socket, number>();
  readonly #open = new Set<Socket>();
  /** Live connections by number, in order of arrival. */
  readonly #live = new Map<number, LiveConnection>();
  readonly #recorded: readonly ScriptedConnection[];
  /** Live clients that were not let in, like the recorded ones, by number. */
  readonly #early = new Map<number, Omit<TiedConnection, "live">>();
  #count = 0;
  #finish: () => void = () => undefined;

  constructor(options: ReplayedGatewayOptions) {
    this.#options = options;
    const match = { strict: options.strict ?? false, reuse: options.reuse ?? false };
    const { scripts } = options;
    // A client that is assumed to be local is seen as it is: on loopback.
    const isLocal = options.assume?.peer === "local";
    this.#assumedPeer = isLocal ? null : (scripts[0]?.recordedPeer ?? null);
    this.#journal = new Journal(this.#assumedPeer, options.profiles);
    const known = [...scripts, ...(options.evidence ?? [])];
    this.#recorded = scripts.flatMap(({ connections }) => connections);
    this.#visitors = new Visitors(known, options.allowOrigins ?? []);
    this.#plain = new PlainHttp(scripts.flatMap(({ exchanges }) => exchanges));
    this.#shared = {
      counterparts: new Counterparts(this.#recorded, match),
      progress: new Progress(scripts),
      correlation: new Correlation(),
      match,
      world: new World(known, options.assume ?? {}, options.profiles, options.allowOrigins),
      onMiss: options.onMiss ?? "error",
      maxWaitMs: options.maxWaitMs ?? DEFAULT_MAX_WAIT_MS,
      speed: checkSpeed(options.speed ?? "immediate"),
      wait: options.wait,
      nowMs: () => Date.now(),
      shiftsTimes: options.shiftTimes ?? false,
    };
    this.finished = new Promise((resolve) => (this.#finish = resolve));
    this.#server = createServer((request, response) => this.#answerPlain(request, response));
    this.#server.on("connection", (socket) => this.#accept(socket));
    this.#server.on("upgrade", (request, _, head) => this.#upgrade(request, head));
  }

  get address(): HostPort {
    const address = this.#server.address();
    return address === null || typeof address === "string"
      ? { host: "127.0.0.1", port: 0 }
      : { host: address.address, port: address.port };
  }

  get url(): string {
    return `ws://${formatAddress(this.address.host, this.address.port)}`;
  }

  /** @throws {GwTraceError} PORT_IN_USE, ADDRESS_INVALID */
  async listen(at: HostPort): Promise<void> {
    this.#server.listen(at);
    try {
      await once(this.#server, "listening");
    } catch (error) {
      throw listenFailed(at, error, "Name a loopback address and a port that you may use.");
    }
    const header: NewRecordingHeader = {
      source: "replayed-gateway",
      startedAt: this.#journal.startedAt,
      upstream: null,
      listen: formatAddress(this.address.host, this.address.port),
      redaction: "credentials",
      replayOf: this.#options.scripts.map(({ recording }) => recording),
      // The Gateway is to be taken to see the recorded one's peer.
      assumedPeer: this.#assumedPeer,
    };
    try {
      this.#journal.writeTo((await this.#options.record?.(header)) ?? null);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  verdict(): Verdict {
    const traced = new Map(this.#journal.connections().map((one) => [one.id, one]));
    const tied = [...traced.keys()].flatMap((id) => this.#tie(id, traced.get(id) ?? null) ?? []);
    const taken = new Set(tied.flatMap(({ recorded }) => recorded ?? []));
    const never = this.#recorded.filter(({ traced: recorded }) => !taken.has(recorded));
    const { version, rules } = this.#shared.world;
    return buildVerdict({
      recordings: this.#options.scripts.map(({ recording }) => recording),
      versions: { before: version, now: version },
      rules: rules === null ? [] : tellRules(rules),
      connections: [...tied, ...never.map(neverOpened)].map(compareConnection),
    });
  }

  #tie(id: number, live: Connection | null): TiedConnection | null {
    const early = this.#early.get(id);
    return early === undefined ? (this.#live.get(id)?.tie(live) ?? null) : { ...early, live };
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const live of this.#live.values()) live.stop();
    for (const socket of this.#open) socket.destroy();
    await closed;
    // The last word on a connection is written down a little after its socket is closed.
    while (this.#open.size > 0) await new Promise(setImmediate);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(socket: Socket): void {
    const connection = ++this.#count;
    this.#numbers.set(socket, connection);
    this.#open.add(socket);
    this.#journal.noteSocket(connection, socket, () => {
      this.#open.delete(socket);
      if (this.#open.size === 0 && this.#shared.counterparts.open.length === 0) this.#finish();
    });
  }

  #answerPlain(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#numbers.get(request.socket) ?? 0;
    this.#journal.noteRequest(connection, request);
    const answer =
      this.#visitors.turnedAway(pairsOf(request.rawHeaders)) ??
      this.#plain.answer(request.method ?? "", request.url ?? "");
    this.#noteAnswer(connection, answer);
    // A client that keeps its connection for later would keep the replay from ending.
    response.shouldKeepAlive = false;
    response.writeHead(answer.status, answer.reason, answer.headers.flat());
    response.end(answer.body);
  }

  #upgrade(request: IncomingMessage, head: Buffer): void {
    const { socket } = request;
    const connection = this.#numbers.get(socket) ?? 0;
    this.#journal.noteRequest(connection, request);
    const live = { target: request.url ?? "/", headers: pairsOf(request.rawHeaders) };
    const misdirected = this.#visitors.misdirected(live.headers);
    if (misdirected !== null) return this.#refuse(connection, socket, misdirected);
    if (this.#visitors.isForeign(live.headers)) {
      return this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const link = this.#link(connection, webSocket, socket);
        const page = greetForeignPage(link, randomUUID(), Date.now());
        hearSocket(connection, webSocket, this.#journal, page);
      });
    }
    const { counterparts } = this.#shared;
    const arriving = [...this.#live.values()].filter(({ isArriving }) => isArriving).length;
    const early = findEarlyEnding(counterparts.open, live, arriving);
    const counterpart = early === null ? null : this.#takeEarly(early, live, connection);
    if (early?.opening === "dropped") {
      socket.destroy();
      return;
    }
    const like = early === null ? findForwardingRefusal(this.#recorded, live) : null;
    if (like?.refusal) {
      this.#early.set(connection, tieEarly(like, "derived", []));
      return this.#refuse(connection, socket, withoutBody(like.refusal));
    }
    if (early?.refusal) return this.#refuse(connection, socket, withoutBody(early.refusal));
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) =>
      this.#welcome(connection, { webSocket, tcp: socket }, counterpart, live),
    );
  }

  #takeEarly(early: ScriptedConnection, live: UpgradeHead, connection: number): Counterpart | null {
    const isSame = early.upgrade !== null && isSameUpgrade(early.upgrade, live);
    const differences = isSame ? [] : [{ path: "upgrade", recorded: null, live: live.target }];
    const counterpart = this.#shared.counterparts.take(early, differences);
    if (early.opening === "accepted") return counterpart;
    this.#early.set(connection, tieEarly(early, isSame ? "recorded" : "unknown", differences));
    return counterpart;
  }

  #refuse(connection: number, socket: Socket, answer: HttpAnswer): void {
    this.#noteAnswer(connection, answer);
    const reason = answer.reason || (STATUS_CODES[answer.status] ?? "");
    const head = [
      `HTTP/1.1 ${answer.status} ${reason}`,
      ...answer.headers.map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(answer.body)}`,
      "Connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${answer.body}`);
  }

  #welcome(
    connection: number,
    { webSocket, tcp }: { readonly webSocket: WebSocket; readonly tcp: Socket },
    counterpart: Counterpart | null,
    upgrade: UpgradeHead,
  ): void {
    const link = this.#link(connection, webSocket, tcp);
    const live = new LiveConnection(connection, link, this.#shared, upgrade);
    this.#live.set(connection, live);
    hearSocket(connection, webSocket, this.#journal, live);
    if (counterpart === null) live.greet();
    else live.playFromStart(counterpart);
  }

  #link(connection: number, webSocket: WebSocket, tcp: Socket): ClientLink {
    this.#noteAnswer(connection, SWITCHING);
    return linkTo(connection, webSocket, tcp, this.#journal);
  }

  #noteAnswer(connection: number, { status, reason, headers }: HttpHead): void {
    const kind = "http-response";
    this.#journal.note(connection, { kind, status, reason, headers, redacted: false });
  }
}
