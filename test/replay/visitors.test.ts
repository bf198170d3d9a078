import { once } from "node:events";
import { get } from "node:http";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { buildScript } from "../../src/replay/script/build-script.ts";
import type { ReplayedGatewayOptions } from "../../src/replay/serve/replayed-gateway.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  req,
} from "../support/conversation.ts";

const SECRET = "said only to whom it was said";
const RECORDED_ORIGIN = "https://recorded.example";

/** Two clients that were let in, one of them from a web page, and plain HTTP. */
const ENTRIES = numbered(
  conversation(
    {},
    challenge(),
    connect({ scopes: ["operator.read"] }),
    helloOk({ scopes: ["operator.read"] }),
    req("1", "config.get"),
    ok("1", { config: SECRET }),
    event("chat", { text: SECRET }, 1),
  ),
  conversation(
    { connection: 2, origin: RECORDED_ORIGIN, startMs: 100 },
    challenge(),
    connect({ client: "openclaw-control-ui/webchat" }),
    helloOk(),
  ),
  [
    { kind: "opened", atMs: 300, wallMs: 300, connection: 4, clientAddress: null, peerAddress: null, gatewayAddress: null },
    { kind: "http-request", atMs: 301, wallMs: 301, connection: 4, method: "GET", target: "/config", headers: [["Host", "127.0.0.1"]], redacted: false },
    { kind: "http-response", atMs: 302, wallMs: 302, connection: 4, status: 200, reason: "OK", headers: [], redacted: false },
    { kind: "http-body", atMs: 303, wallMs: 303, connection: 4, from: "gateway", content: { type: "text", text: SECRET }, omitted: null, sizeBytes: SECRET.length, redacted: false },
    { kind: "closed", atMs: 304, wallMs: 304, connection: 4, by: "client", how: "fin", error: null },
  ],
); // prettier-ignore

/** The Gateway spoke to a client that said nothing. */
const SILENT = numbered(
  conversation(
    {},
    challenge(),
    event("presence", { text: SECRET }),
    close("gateway", 1008, "too slow"),
  ),
);

const start = (options: Partial<ReplayedGatewayOptions> = {}) =>
  startReplayedGateway({
    scripts: [buildScript("recorded", ENTRIES)],
    reuse: true,
    maxWaitMs: 20_000,
    ...options,
  });

interface Heard {
  readonly text: string;
  readonly code: number;
}

/** Comes with these headers, connects and asks for the configuration, and hears to the end. */
async function visit(
  url: string,
  headers: Readonly<Record<string, string>>,
  first?: string,
): Promise<Heard> {
  const socket = new WebSocket(url, { headers });
  const heard: string[] = [];
  socket.on("message", (data: Buffer) => heard.push(data.toString()));
  socket.on("unexpected-response", (_, response) => {
    heard.push(`HTTP ${response.statusCode}`);
    response.on("data", (data: Buffer) => heard.push(data.toString()));
    response.on("end", () => socket.emit("close", 0, Buffer.alloc(0)));
  });
  socket.on("error", (error) => heard.push(error.message));
  socket.once("message", () => {
    socket.send(first ?? JSON.stringify({ type: "req", id: "1", method: "connect", params: CONNECT }));
    socket.send(JSON.stringify({ type: "req", id: "2", method: "config.get", params: {} }));
  });
  socket.on("message", (data: Buffer) => {
    if (JSON.parse(data.toString()).id === "2") socket.close(1000);
  });
  const [code]: number[] = await once(socket, "close");
  return { text: heard.join("\n"), code: code ?? 0 };
} // prettier-ignore

const CONNECT = {
  minProtocol: 3,
  maxProtocol: 3,
  client: { id: "cli", mode: "cli", version: "2026.5.4", platform: "linux" },
  role: "operator",
  scopes: ["operator.read"],
  auth: { token: "any" },
};

const FOREIGN = [
  "https://evil.example",
  "http://evil.example:18789",
  "https://recorded.example.evil.example",
  "http://recorded.example",
  "http://127.0.0.1.evil.example",
  "http://localhost.evil.example",
  "http://192.0.2.1",
  "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
  "null",
  "file://",
  "no url at all",
];

describe("a web page from elsewhere", () => {
  test.each(FOREIGN)("%s is refused as by a real Gateway, and told nothing", async (Origin) => {
    await using gateway = await start();
    const { text, code } = await visit(gateway.url, { Origin });
    expect(code).toBe(1008);
    expect(text).toContain('"code":"CONTROL_UI_ORIGIN_NOT_ALLOWED"');
    expect(text).not.toMatch(/hello-ok|said only/);
  });

  test.each([
    ["asks for something else first", '{"type":"req","id":"1","method":"config.get","params":{}}'],
    ["says what is no frame", "hello"],
  ])("is told nothing either when it %s", async (_, first) => {
    await using gateway = await start();
    const { text, code } = await visit(gateway.url, { Origin: "https://evil.example" }, first);
    expect(code).toBe(1008);
    expect(text).not.toContain(SECRET);
  });

  test("is told nothing when it says nothing", async () => {
    const scripts = [buildScript("recorded", SILENT)];
    await using gateway = await start({ scripts, maxWaitMs: 50 });
    const socket = new WebSocket(gateway.url, { headers: { Origin: "https://evil.example" } });
    const heard: string[] = [];
    socket.on("message", (data: Buffer) => heard.push(data.toString()));
    // The recorded Gateway spoke to a silent client of its own, which is over when this one has heard that.
    const silent = new WebSocket(gateway.url);
    await once(silent, "close");
    socket.terminate();
    expect(heard.join()).not.toContain(SECRET);
  });

  test.each([
    ["of this machine", "http://localhost:3000"],
    ["of this machine, by number", "http://127.0.0.1:18789"],
    ["of this machine, in IPv6", "http://[::1]:5173"],
    ["that a recorded client came from", RECORDED_ORIGIN],
  ])("one %s is answered", async (_, Origin) => {
    await using gateway = await start();
    expect((await visit(gateway.url, { Origin })).text).toContain('"id":"2"');
  });

  test.each([[["https://evil.example"]], [["*"]]])("one that %j allows is answered", async (allowOrigins) => {
    await using gateway = await start({ allowOrigins });
    expect((await visit(gateway.url, { Origin: "https://evil.example" })).text).toMatch(/hello-ok.*\n.*"id":"2"/);
  }); // prettier-ignore
});

describe("another host", () => {
  const HOSTS = ["evil.example", "evil.example:18789", "127.0.0.1.evil.example", "192.0.2.1", "localhost.evil.example", "[2001:db8::1]:1"]; // prettier-ignore

  test.each(HOSTS)("a WebSocket to %s is turned away in one line", async (Host) => {
    await using gateway = await start({ allowOrigins: ["*"] });
    const { text } = await visit(gateway.url, { Host });
    expect(text).toMatch(/^HTTP 421\n.+\n$/);
  });

  test.each(HOSTS)("plain HTTP to %s is turned away in one line", async (Host) => {
    await using gateway = await start({ allowOrigins: ["*"] });
    for (const target of ["/config", "/health"]) {
      const { status, body } = await fetchPlain(gateway.address.port, target, { Host });
      expect({ status, lines: body.split("\n").length }).toEqual({ status: 421, lines: 2 });
      expect(body).not.toContain(SECRET);
    }
  });

  test.each(["localhost", "127.0.0.1:1", "[::1]:1"])("%s is this machine", async (Host) => {
    await using gateway = await start();
    expect(await fetchPlain(gateway.address.port, "/config", { Host })).toEqual({
      status: 200,
      body: SECRET,
    });
    expect((await visit(gateway.url, { Host })).text).toContain(SECRET);
  });
});

test("plain HTTP of a foreign page is turned away", async () => {
  await using gateway = await start();
  const headers = { Origin: "https://evil.example" };
  const { status, body } = await fetchPlain(gateway.address.port, "/config", headers);
  expect(status).toBe(403);
  expect(body).not.toContain(SECRET);
});

async function fetchPlain(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, headers }, (response) => {
      let body = "";
      response.on("data", (data: Buffer) => (body += data.toString()));
      response.on("end", () => resolve({ status: response.statusCode, body }));
    }).on("error", reject);
  });
}
