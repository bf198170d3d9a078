import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { portOf, until } from "../tap/harness.ts";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** A running `gw-trace record`. */
export interface RecordRun {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Closes its standard output as `| head` does. */
  readonly stopReading: () => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly exit: Promise<number | null>;
}

/** Runs `gw-trace record` with these arguments, its recordings in a folder of its own. Killed when the test ends. */
export function runRecord(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RecordRun {
  const child = spawn(process.execPath, [MAIN, "record", ...args], {
    env: { PATH: process.env["PATH"], HOME: folder, GW_TRACE_DIR: folder, ...env },
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    stopReading: () => void child.stdout.destroy(),
    kill: (signal) => void child.kill(signal),
    exit: once(child, "close").then(([code]: (number | null)[]) => code ?? null),
  };
}

/** What another gw-trace command prints of the recordings in a folder. Its exit code must be 0, unless another is expected. */
export async function runGwTrace(
  folder: string,
  args: readonly string[],
  expectedCode = 0,
): Promise<string> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env["PATH"], HOME: folder, GW_TRACE_DIR: folder },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  const [code]: (number | null)[] = await once(child, "close");
  expect(code).toBe(expectedCode);
  return stdout;
}

/** The port that the tap tells people to point clients at, as soon as it does; `says` finds it in another kind of output. */
export async function tapPort(
  run: RecordRun,
  says: RegExp = /OPENCLAW_GATEWAY_PORT=(\d+)/,
): Promise<string> {
  const port = (): string | undefined => says.exec(run.stdout() + run.stderr())?.[1];
  await until(() => port() !== undefined);
  return port() ?? "";
}

/** A Gateway that accepts every connect with no scopes and refuses every call; ends with the test. Gives its port. */
export async function startGateway(): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (socket) => {
    const challenge = { type: "event", event: "connect.challenge", payload: { nonce: "n", ts: 1 } };
    socket.send(JSON.stringify(challenge));
    socket.on("message", (data: Buffer) => socket.send(JSON.stringify(answer(data.toString()))));
  });
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return portOf(server.address());
}

function answer(text: string): object {
  const request: { readonly id: string; readonly method: string } = JSON.parse(text);
  const { id, method } = request;
  if (method !== "connect") {
    const error = { code: "INVALID_REQUEST", message: "missing scope: operator.write" };
    return { type: "res", id, ok: false, error };
  }
  const payload = {
    type: "hello-ok",
    protocol: 3,
    server: { version: "2026.5.4", connId: "c" },
    auth: { role: "operator", scopes: [] },
  };
  return { type: "res", id, ok: true, payload };
}

/** An accepted client that can call again and again. */
export interface CallingClient {
  call(method: string): Promise<void>;
  /** With code 1000. */
  close(): Promise<void>;
}

/** Connects as a backend that asks for operator.write. */
export async function connectClient(port: string): Promise<CallingClient> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, "message");
  let id = 0;
  const send = async (method: string, params: object): Promise<void> => {
    socket.send(JSON.stringify({ type: "req", id: String(++id), method, params }));
    await once(socket, "message");
  };
  await send("connect", {
    minProtocol: 3,
    maxProtocol: 3,
    client: { id: "gateway-client", mode: "backend", version: "1", platform: "linux" },
    role: "operator",
    scopes: ["operator.write"],
    auth: { token: "a-secret-token" },
  });
  return {
    call: (method) => send(method, { padding: "x".repeat(500) }),
    async close() {
      socket.close(1000);
      await once(socket, "close");
    },
  };
}
