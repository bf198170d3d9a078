import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createServer as createHttps } from "node:https";
import { parseTlsFingerprint } from "../../src/gateway/config.ts";
import { certificateFingerprint, createSelfSigned } from "../../src/tap/certificate.ts";
import { HostRewriter } from "../../src/tap/host-rewriter.ts";
import { createListenTls } from "../../src/tap/listen-tls.ts";
import { probeGateway } from "../../src/tap/probe.ts";
import { collect, portOf, startRecordingTap, until } from "./harness.ts";
import type { UpstreamTls } from "../../src/tap/dial.ts";

const PAIR = createSelfSigned(["localhost", "127.0.0.1", "::1"], new Date());
const OTHER = createSelfSigned(["localhost"], new Date());
const PIN: UpstreamTls = { ca: null, fingerprint: certificateFingerprint(PAIR.cert) };

async function startGateway(): Promise<{ port: number; accepted: TLSSocket[] }> {
  const accepted: TLSSocket[] = [];
  const server = createTlsServer({ ...PAIR, allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    accepted.push(socket);
  });
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { port: portOf(server.address()), accepted };
}

describe("a certificate made for --tls", () => {
  test("is one that OpenSSL reads, for the hosts asked, and signed by its own key", () => {
    const certificate = new X509Certificate(PAIR.cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.checkIP("::1")).toBe("::1");
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
    expect(certificateFingerprint(PAIR.cert)).toBe(parseTlsFingerprint(certificate.fingerprint256));
  });

  test("has no twin", () => {
    expect(OTHER.cert).not.toBe(createSelfSigned(["localhost"], new Date()).cert);
  });
});

test.each([
  ["SHA256:" + "AB:".repeat(31) + "AB", "ab".repeat(32)],
  ["ab".repeat(32), "ab".repeat(32)],
  ["ab".repeat(31), null],
  ["", null],
])("the fingerprint %s", (text, expected) => {
  expect(parseTlsFingerprint(text)).toBe(expected);
});

describe("a Gateway behind TLS", () => {
  test.each([
    ["its fingerprint", PIN, true, ""],
    ["its authority", { ca: PAIR.cert, fingerprint: null }, true, ""],
    ["the system's roots", { ca: null, fingerprint: null }, false, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["another authority", { ca: OTHER.cert, fingerprint: null }, false, "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["another fingerprint", { ca: null, fingerprint: "0".repeat(64) }, false, "TLS_FINGERPRINT_MISMATCH"],
    ["another fingerprint beside its authority", { ca: PAIR.cert, fingerprint: "0".repeat(64) }, false, "TLS_FINGERPRINT_MISMATCH"],
  ] as const)("asked for by %s", async (_name, tls, reached, error) => {
    const { port } = await startGateway();
    const probe = await probeGateway({ host: "127.0.0.1", port, tls });
    expect(probe).toMatchObject(reached ? { reached, peerHost: "127.0.0.1" } : { reached, error });
  }); // prettier-ignore

  test("gets every byte, half-close and all, and the recording holds them decoded", async () => {
    const { port, accepted } = await startGateway();
    const upstream = { host: "127.0.0.1", port, tls: PIN };
    const { tap, entries } = await startRecordingTap(port, { upstream });
    const client = connect({ ...tap.hostPort, allowHalfOpen: true });
    client.end("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    await until(() => accepted.length === 1);
    const [gateway] = accepted;
    if (gateway === undefined) throw new Error("no connection");
    const got = collect(gateway);
    await once(gateway, "end");
    expect(got.bytes().toString()).toBe("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
    const answer = collect(client);
    gateway.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    await once(client, "end");
    expect(answer.bytes().toString()).toMatch(/\r\n\r\nhi$/);
    await until(() => entries.some(({ kind }) => kind === "closed"));
    await tap.close();
    expect(entries.map(({ kind }) => kind)).toEqual([
      "opened",
      "http-request",
      "http-response",
      "closed",
    ]);
  });

  test("that is not believed is not talked to: the client meets a reset, and the recording says why", async () => {
    const { port, accepted } = await startGateway();
    const upstream = { host: "127.0.0.1", port, tls: { ca: null, fingerprint: "0".repeat(64) } };
    const { tap, entries } = await startRecordingTap(port, { upstream });
    const client = connect(tap.hostPort);
    client.on("error", () => undefined);
    client.write("secret");
    await new Promise((resolve) => client.once("close", resolve));
    await until(() => entries.length === 2);
    await tap.close();
    expect(entries[1]).toMatchObject({ how: "unreachable", error: "TLS_FINGERPRINT_MISMATCH" });
    expect(accepted.reduce((sum, socket) => sum + socket.bytesRead, 0)).toBe(0);
  });

  test("meets the client's reset", async () => {
    const { port, accepted } = await startGateway();
    const upstream = { host: "127.0.0.1", port, tls: PIN };
    const { tap, entries } = await startRecordingTap(port, { upstream });
    const client = connect(tap.hostPort);
    await until(() => accepted.length === 1 && entries.length === 1);
    const failed = once(accepted[0] ?? client, "error");
    accepted[0]?.resume();
    client.resetAndDestroy();
    // `once` for an error gives it as a value.
    expect(await failed).toMatchObject([{ code: "ECONNRESET" }]);
    await until(() => entries.length === 2);
    await tap.close();
    expect(entries[1]).toMatchObject({ kind: "closed", by: "client", how: "reset" });
  });

  test("is named in the Host header when that is rewritten, through a whole WebSocket", async () => {
    const server = createHttps(PAIR);
    const gateway = new WebSocketServer({ server });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const hosts: (string | undefined)[] = [];
    gateway.on("connection", (socket, request) => {
      hosts.push(request.headers.host);
      socket.on("message", (data: Buffer) => socket.send(`back: ${data.toString()}`));
    });
    const port = portOf(server.address());
    const { tap, entries } = await startRecordingTap(port, {
      upstream: { host: "127.0.0.1", port, tls: PIN },
      createRewriter: () => new HostRewriter("gw.example"),
    });
    const client = new WebSocket(`ws://${tap.address}`);
    await once(client, "open");
    client.send("hello");
    const [data]: Buffer[] = await once(client, "message");
    expect(data?.toString()).toBe("back: hello");
    client.close();
    await until(() => entries.some(({ kind }) => kind === "closed"));
    await tap.close();
    expect(hosts).toEqual(["gw.example"]);
    // Gateways judge by what they got.
    expect(entries[1]).toMatchObject({
      headers: expect.arrayContaining([["Host", "gw.example"]]),
    });
  });
});

describe("clients over TLS", () => {
  async function startTlsTap() {
    const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
      socket.on("error", () => undefined);
      socket.on("end", () => socket.end());
      socket.on("data", (bytes: Buffer) => socket.write(bytes));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { context: listenTls, fingerprint } = createListenTls(PAIR);
    return { fingerprint, ...(await startRecordingTap(portOf(server.address()), { listenTls })) };
  }

  test("are received with the certificate, and their bytes go on in clear", async () => {
    const { tap, entries, fingerprint } = await startTlsTap();
    const client = connectTls({ ...tap.hostPort, ca: PAIR.cert, host: "127.0.0.1" });
    await once(client, "secureConnect");
    expect(parseTlsFingerprint(client.getPeerCertificate().fingerprint256)).toBe(fingerprint);
    const echoed = collect(client);
    client.end("over TLS");
    await once(client, "end");
    expect(echoed.bytes().toString()).toBe("over TLS");
    await until(() => entries.some(({ kind }) => kind === "closed"));
    await tap.close();
  });

  test.each([
    ["speaks no TLS", "GET / HTTP/1.1\r\n\r\n", "ERR_SSL_HTTP_REQUEST"],
    ["leaves at once", null, "ended inside the TLS handshake"],
  ])("one that %s is recorded with the reason", async (_name, said, error) => {
    const { tap, entries } = await startTlsTap();
    const client = connect(tap.hostPort);
    client.on("error", () => undefined);
    if (said === null) client.end();
    else client.write(said);
    await until(() => entries.length === 2);
    client.destroy();
    await tap.close();
    expect(entries[1]).toMatchObject({ kind: "closed", by: "client", error });
  });

  test("a key of another certificate is refused", () => {
    expect(() => createListenTls({ cert: PAIR.cert, key: OTHER.key })).toThrow(
      expect.objectContaining({ code: "USAGE" }),
    );
  });
});
