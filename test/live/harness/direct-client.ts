import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";
import {
  type DeviceKey,
  signDevice,
  type SignatureVersion,
  type SignedConnect,
} from "../../../src/gateway/device.ts";
import { type EventFrame, parseFrame, type ResponseFrame } from "../../../src/gateway/frame.ts";
import { until } from "./until.ts";

const ANSWER_TIMEOUT_MS = 60_000;

const challengeSchema = z.looseObject({ nonce: z.string() });

/** All that a `connect` may say about who is asking. */
export interface ConnectOptions {
  readonly client: { readonly id: string; readonly mode: string };
  readonly role?: string;
  readonly scopes?: readonly string[];
  readonly auth?: SignedConnect["auth"];
  readonly device?: DeviceKey;
  readonly signatureVersion?: SignatureVersion;
  /** Changes the params after they were signed. */
  readonly tamper?: (params: object) => object;
}

/** How a WebSocket ended. */
export interface ClosedBy {
  readonly code: number;
  readonly reason: string;
}

/** A Gateway client that does exactly what it is told, and judges nothing. */
export class DirectClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #answers = new Map<string, ResponseFrame>();
  readonly #events: EventFrame[] = [];
  readonly #patienceMs: number;
  #closed: ClosedBy | null = null;

  private constructor(socket: WebSocket, patienceMs: number) {
    this.#socket = socket;
    this.#patienceMs = patienceMs;
    socket.on("message", (data: Buffer) => this.#receive(data.toString()));
    socket.on("close", (code, reason) => (this.#closed = { code, reason: reason.toString() }));
    // `close` follows with code 1006, and that is what is looked at.
    socket.on("error", () => undefined);
  }

  /** Opens the WebSocket, and says nothing yet. Fails with the status where the upgrade is refused. Waits so long for any answer. */
  static async open(
    url: string,
    headers: Record<string, string> = {},
    patienceMs = ANSWER_TIMEOUT_MS,
  ): Promise<DirectClient> {
    const socket = new WebSocket(url, { headers });
    const client = new DirectClient(socket, patienceMs);
    await once(socket, "open");
    return client;
  }

  /** Null while open. */
  get closed(): ClosedBy | null {
    return this.#closed;
  }

  get events(): readonly EventFrame[] {
    return this.#events;
  }

  /** Waits for the challenge, signs it when there is a device, and gives the answer to `connect`. */
  async connect(options: ConnectOptions): Promise<ResponseFrame> {
    const challenge = await until("connect.challenge", this.#patienceMs, () => {
      this.#failWhenClosed("connect.challenge");
      return this.#events.find(({ event }) => event === "connect.challenge") ?? null;
    });
    const { nonce } = challengeSchema.parse(challenge.payload);
    const { device, tamper = (signed) => signed, signatureVersion, scopes, auth, role } = options;
    const params = {
      minProtocol: 3,
      maxProtocol: 4,
      role: role ?? "operator",
      ...(scopes === undefined ? {} : { scopes }),
      ...(auth === undefined ? {} : { auth }),
      client: { version: "1.0.0", platform: "linux", ...options.client },
      caps: [],
    };
    if (device === undefined) return this.call("connect", tamper(params));
    const challenged = { nonce, signedAtMs: Date.now() };
    const proof = signDevice(device, params, challenged, signatureVersion);
    return this.call("connect", tamper({ ...params, device: proof }));
  }

  /** Sends one request, with further fields of its frame, and gives its answer, whether ok or not. */
  async call(method: string, params: unknown = {}, fields: object = {}): Promise<ResponseFrame> {
    const id = randomUUID();
    this.#socket.send(JSON.stringify({ type: "req", id, method, params, ...fields }));
    return until(`the answer to ${method}`, this.#patienceMs, () => {
      const answer = this.#answers.get(id);
      if (answer === undefined) this.#failWhenClosed(method);
      return answer ?? null;
    });
  }

  /** Waits until the WebSocket is closed, by whomever. */
  async waitForClose(): Promise<ClosedBy> {
    return until("the close of the connection", this.#patienceMs, () => this.#closed);
  }

  async close(): Promise<ClosedBy> {
    if (this.#closed === null) this.#socket.close(1000, "done");
    return this.waitForClose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #receive(text: string): void {
    const parsed = parseFrame(text);
    if (!parsed.ok) throw new Error(`the Gateway sent ${parsed.reason}: ${text.slice(0, 200)}`);
    if (parsed.frame.type === "res") this.#answers.set(parsed.frame.id, parsed.frame);
    if (parsed.frame.type === "event") this.#events.push(parsed.frame);
  }

  #failWhenClosed(waitingFor: string): void {
    if (this.#closed === null) return;
    const { code, reason } = this.#closed;
    throw new Error(`closed with ${String(code)} "${reason}" while waiting for ${waitingFor}`);
  }
}
