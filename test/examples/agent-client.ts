import { randomUUID, sign } from "node:crypto";
import { WebSocket } from "ws";
import type { KeyObject } from "node:crypto";

/** An Ed25519 key, its raw public half in base64url, and the SHA-256 of that half in hex. */
export interface Device {
  readonly id: string;
  readonly publicKey: string;
  readonly privateKey: KeyObject;
}

const CLIENT = { id: "gateway-client", mode: "backend", version: "2026.5.4", platform: "linux" };

/** Starts an agent run. `device` is the fix for #77807: without it, a Gateway that is not on loopback takes the scopes away. */
export async function runAgent(
  url: string,
  token: string,
  message: string,
  device?: Device,
): Promise<unknown> {
  const socket = new WebSocket(url);
  try {
    const { nonce } = await next(socket, ({ event }) => event === "connect.challenge");
    const scopes = ["operator.write"];
    const params = {
      minProtocol: 3,
      maxProtocol: 3,
      client: CLIENT,
      role: "operator",
      scopes,
      auth: { token },
    };
    const proof = device === undefined ? {} : { device: prove(device, nonce, token) };
    await request(socket, "connect", { ...params, ...proof });
    return await request(socket, "agent", {
      message,
      sessionKey: "agent:main:main",
      idempotencyKey: randomUUID(),
    });
  } finally {
    socket.close();
  }
}

function prove({ id, publicKey, privateKey }: Device, nonce: string, token: string): object {
  const signedAt = Date.now();
  const text = [
    "v3",
    id,
    CLIENT.id,
    CLIENT.mode,
    "operator",
    "operator.write",
    signedAt,
    token,
    nonce,
    "linux",
    "",
  ];
  const signature = sign(null, Buffer.from(text.join("|")), privateKey).toString("base64url");
  return { id, publicKey, signature, signedAt, nonce };
}

function request(socket: WebSocket, method: string, params: object): Promise<unknown> {
  const id = randomUUID();
  const answer = next(socket, (frame) => frame.id === id);
  socket.send(JSON.stringify({ type: "req", id, method, params }));
  return answer;
}

/** Waits for a frame and gives its payload. */
function next(
  socket: WebSocket,
  isMeant: (frame: { readonly id?: string; readonly event?: string }) => boolean,
): Promise<{ readonly nonce: string }> {
  return new Promise((resolve, reject) => {
    socket.on("message", (data: Buffer) => {
      const frame = JSON.parse(data.toString());
      if (!isMeant(frame)) return;
      if (frame.ok === false) reject(new Error(frame.error.message));
      else resolve(frame.payload);
    });
    socket.once("error", reject);
    socket.once("close", (code, reason) => {
      reject(new Error(`closed with ${code} ${reason.toString()}`));
    });
  });
}
