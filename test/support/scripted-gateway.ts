import { once } from "node:events";
import { WebSocketServer, type WebSocket } from "ws";
import type { JsonObject } from "../../src/gateway/json-object.ts";

/** A request that a scripted Gateway was sent. */
export interface Asked {
  /** Counted from 1 in order of arrival. */
  readonly connection: number;
  readonly id: string;
  readonly method: string;
  readonly params: JsonObject;
}

/** What a scripted Gateway answers: a payload, an error, or nothing at all. `then` may say more on that connection. */
export type Answer =
  | { readonly payload: unknown; readonly then?: (say: Say) => void }
  | {
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly details?: unknown;
      };
      readonly close?: number;
    }
  | null;

/** Sends a frame as it is. */
export type Say = (frame: object) => void;

/** A Gateway whose answers a test writes. */
export interface ScriptedGateway extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** What it was asked for, `connect` aside, in order. */
  readonly methods: readonly string[];
}

/** Starts a Gateway on a free loopback port that challenges each client and answers what `answer` says. */
export async function startScriptedGateway(
  answer: (request: Asked) => Answer,
): Promise<ScriptedGateway> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const asked: Asked[] = [];
  let connections = 0;
  server.on("connection", (socket) => {
    const connection = ++connections;
    const say: Say = (frame) => socket.send(JSON.stringify(frame));
    const challenge = { nonce: `nonce-${connection}`, ts: Date.now() };
    say({ type: "event", event: "connect.challenge", payload: challenge });
    socket.on("message", (data: Buffer) => {
      const { id, method, params } = JSON.parse(data.toString());
      const request = { connection, id, method, params };
      asked.push(request);
      reply(socket, say, id, answer(request));
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `ws://127.0.0.1:${port}`,
    asked,
    get methods() {
      return asked.map(({ method }) => method).filter((method) => method !== "connect");
    },
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

function reply(socket: WebSocket, say: Say, id: string, answer: Answer): void {
  if (answer === null) return;
  if ("error" in answer) {
    say({ type: "res", id, ok: false, error: answer.error });
    if (answer.close !== undefined) socket.close(answer.close, answer.error.message);
    return;
  }
  say({ type: "res", id, ok: true, payload: answer.payload });
  answer.then?.(say);
}
