import { once } from "node:events";
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { formatAddress, listenFailed, type HostPort } from "../../wire/address.ts";
import { Counterparts, type Counterpart } from "../match/counterparts.ts";
import { Correlation } from "../play/correlation.ts";
import type { ReplayedGateway, ReplayedGatewayOptions } from "./replayed-gateway.ts";
import { Journal, pairsOf } from "../journal.ts";
import { LiveConnection, type Company } from "./live-connection.ts";
import { PlainHttp, withoutBody, type HttpAnswer } from "./plain-http.ts";
import type { ScriptedConnection } from "../script/script.ts";
import { checkSpeed } from "../play/speed.ts";
import { Progress } from "../play/progress.ts";
import {
  findEarlyEnding,
  findForwardingRefusal,
  isSameUpgrade,
  type UpgradeHead,
} from "../match/upgrade-match.ts";
import { describeEarly } from "../verdict/describe-played.ts";
import { buildVerdict, type Verdict } from "../verdict/verdict.ts";
import type { Grade, PlayedConnection } from "../verdict/played.ts";
import { World } from "../derive/world.ts";
import { linkTo, hearSocket } from "./web-socket.ts";

const DEFAULT_MAX_WAIT_MS = 1000;

/** The sockets of a replayed Gateway: who comes in, by HTTP or WebSocket, and what is said to whom. */
export class GatewayServer implements ReplayedGateway {
  readonly finished: Promise<void>;
  readonly #options: ReplayedGatewayOptions;
  readonly #journal = new Journal();
  readonly #plain: PlainHttp;
  readonly #company: Company;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #numbers = new WeakMap<Socket, number>();
  readonly #open = new Set<Socket>();
  /** Live connections in order of arrival. */
  readonly #live: LiveConnection[] = [];
  readonly #recorded: readonly ScriptedConnection[];
  readonly #early: PlayedConnection[] = [];
  #count = 0;
  #finish: () => void = () => undefined;

  constructor(options: ReplayedGatewayOptions) {
    this.#options = options;
    const match = { strict: options.strict ?? false, reuse: options.reuse ?? false };
    const { scripts } = options;
    const known = [...scripts, ...(options.evidence ?? [])];
    this.#recorded = scripts.flatMap(({ connections }) => connections);
    this.#plain = new PlainHttp(scripts.flatMap(({ exchanges }) => exchanges));
    this.#company = {
      counterparts: new Counterparts(this.#recorded, match),
      progress: new Progress(scripts),
      correlation: new Correlation(),
      match,
      scripts: known,
      world: new World(known, options.assume ?? {}),
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
    const listen = formatAddress(this.address.host, this.address.port) ?? "";
    const { startedAt } = this.#journal;
    try {
      this.#journal.writeTo((await this.#options.record?.({ listen, startedAt })) ?? null);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  verdict(): Verdict {
    const played = [...this.#early, ...this.#live.map((live) => live.played)]
      .filter((connection) => connection !== null)
      .toSorted((left, right) => (left.live ?? 0) - (right.live ?? 0));
    return buildVerdict(this.#options.scripts, played);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const live of this.#live) live.stop();
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
      if (this.#open.size === 0 && this.#company.counterparts.open.length === 0) this.#finish();
    });
  }

  #answerPlain(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#numbers.get(request.socket) ?? 0;
    this.#journal.noteRequest(connection, request);
    const answer = this.#plain.answer(request.method ?? "", request.url ?? "");
    this.#noteAnswer(connection, answer);
    // A client that keeps its connection for later would keep the replay from ending.
    response.shouldKeepAlive = false;
    response.writeHead(answer.status, answer.headers.flat());
    response.end(answer.body);
  }

  #upgrade(request: IncomingMessage, head: Buffer): void {
    const { socket } = request;
    const connection = this.#numbers.get(socket) ?? 0;
    this.#journal.noteRequest(connection, request);
    const live = { target: request.url ?? "/", headers: pairsOf(request.rawHeaders) };
    const { counterparts } = this.#company;
    const arriving = this.#live.filter(({ isArriving }) => isArriving).length;
    const early = findEarlyEnding(counterparts.open, live, arriving);
    const counterpart = early === null ? null : this.#takeEarly(early, live, connection);
    if (early?.opening === "dropped") {
      socket.destroy();
      return;
    }
    const like = early === null ? findForwardingRefusal(this.#recorded, live) : null;
    if (like?.refusal) {
      this.#noteEarly(like, connection, "derived");
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
    const counterpart = this.#company.counterparts.take(early, differences);
    if (early.opening === "accepted") return counterpart;
    this.#noteEarly(early, connection, isSame ? "recorded" : "unknown", differences);
    return counterpart;
  }

  #noteEarly(
    early: ScriptedConnection,
    live: number,
    grade: Grade,
    differences: PlayedConnection["differences"] = [],
  ): void {
    this.#early.push(describeEarly(early, live, grade, differences));
  }

  #refuse(connection: number, socket: Socket, answer: HttpAnswer): void {
    this.#noteAnswer(connection, answer);
    const reason = answer.reason || (STATUS_CODES[answer.status] ?? "");
    const head = [
      `HTTP/1.1 ${answer.status} ${reason}`,
      ...answer.headers.map(([name, value]) => `${name}: ${value}`),
      "Content-Length: 0",
      "Connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n`);
  }

  #welcome(
    connection: number,
    { webSocket, tcp }: { readonly webSocket: WebSocket; readonly tcp: Socket },
    counterpart: Counterpart | null,
    upgrade: UpgradeHead,
  ): void {
    this.#journal.note(connection, {
      kind: "http-response",
      status: 101,
      reason: "Switching Protocols",
      headers: [
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
      ],
      redacted: false,
    });
    const link = linkTo(connection, webSocket, tcp, this.#journal);
    const live = new LiveConnection(connection, link, this.#company, upgrade);
    this.#live.push(live);
    hearSocket(connection, webSocket, this.#journal, live);
    if (counterpart === null) live.greet();
    else live.playFromStart(counterpart);
  }

  #noteAnswer(connection: number, { status, reason, headers }: HttpAnswer): void {
    this.#journal.note(connection, {
      kind: "http-response",
      status,
      reason,
      headers,
      redacted: false,
    });
  }
}
