import { on, once } from "node:events";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { decodeOtlp, startOtlpReceiver, type ReceivedSpan } from "../support/otlp-receiver.ts";
import { runCli } from "../support/run-cli.ts";
import { startScriptedGateway, type ScriptedGateway } from "../support/scripted-gateway.ts";
import { spanNamed } from "../support/spans.ts";
import { temporaryFolder } from "../recording/sample.ts";
import { runRecord, type RecordRun } from "./record-run.ts";

const PATIENCE = { timeout: 15_000, interval: 20 };
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const SECRET = "a-secret-token-0123456789";

let folder = "";
let gateway: ScriptedGateway;

beforeEach(async () => {
  folder = await temporaryFolder();
  gateway = await startScriptedGateway(({ id, method }) => {
    if (method === "connect") return { payload: HELLO };
    if (method === "agent") return { error: MISSING_SCOPE };
    if (method !== "send") return { payload: {} };
    const second = { type: "res", id, ok: true, payload: { status: "done" } };
    // oxlint-disable-next-line unicorn/no-thenable -- a scripted answer, which nobody awaits
    return { payload: { status: "accepted" }, then: (say) => say(second) };
  });
  return () => gateway[Symbol.asyncDispose]();
});

const HELLO = {
  type: "hello-ok",
  protocol: 4,
  server: { version: "2026.9.6", connId: "c" },
  auth: { role: "operator", scopes: ["operator.read"], deviceToken: SECRET },
};

const MISSING_SCOPE = {
  code: "FORBIDDEN",
  message: "missing scope: operator.write",
  details: { code: "MISSING_SCOPE", missingScope: "operator.write", requiredScopes: [] },
};

/** A tap that pushes spans to that URL, and the port on which it listens. */
async function startTap(to: string): Promise<{ run: RecordRun; port: string; file: string }> {
  const file = path.join(folder, "live.gwtrace");
  const args = ["--url", gateway.url, "--listen", "127.0.0.1:0", "-o", file, "--otlp", to];
  const run = runRecord(folder, args);
  const port = await vi.waitFor(() => {
    const found = /127\.0\.0\.1:(\d+)/.exec(run.stderr().replace(gateway.url, ""))?.[1];
    if (found === undefined) throw new Error(`it does not listen: ${run.stderr()}`);
    return found;
  }, PATIENCE);
  return { run, port, file };
}

/** Connects, makes calls, the last but one in a trace of its own, and leaves one without an answer to its end. */
async function converse(port: string): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  const heard = on(socket, "message");
  await heard.next();
  let id = 0;
  const call = async (method: string, more: object = {}, answers = 1): Promise<void> => {
    socket.send(JSON.stringify({ type: "req", id: String(++id), method, params: {}, ...more }));
    for (let answer = 0; answer < answers; answer++) await heard.next();
  };
  const client = { id: "cli", mode: "cli", version: "1", platform: "linux" };
  await call("connect", {
    params: {
      minProtocol: 4,
      maxProtocol: 4,
      client,
      scopes: ["operator.read"],
      auth: { token: SECRET },
    },
  });
  await call("health");
  await call("agent");
  await call("agent", { params: { note: SECRET } });
  await call("status", { traceparent: `00-${TRACE}-${SPAN}-01` });
  await call("send", {}, 2);
  socket.close(1000);
  await once(socket, "close");
}

async function exportOf(file: string): Promise<readonly ReceivedSpan[]> {
  const { stdout } = await runCli(["export", file, "--format", "otlp"]);
  return decodeOtlp(Buffer.from(stdout), "application/json");
}

const byId = (left: ReceivedSpan, right: ReceivedSpan) => left.spanId.localeCompare(right.spanId);

test("what is pushed while recording is what the recording exports later, and no credential", async () => {
  await using receiver = await startOtlpReceiver();
  const { run, port, file } = await startTap(receiver.url);
  await converse(port);
  await converse(port);
  // Calls and the ended connections arrive while the tap is still there.
  await vi.waitFor(() => expect(receiver.spans).toHaveLength(14), PATIENCE);
  run.kill("SIGINT");
  expect(await run.exit).toBe(130);
  expect(run.stderr()).toContain(`sent 14 spans to ${receiver.url}/v1/traces`);
  expect(receiver.spans.toSorted(byId)).toEqual((await exportOf(file)).toSorted(byId));
  for (const { body } of receiver.requests) expect(Buffer.from(body).includes(SECRET)).toBe(false);
});

test("a call with a traceparent joins its caller's trace", async () => {
  await using receiver = await startOtlpReceiver();
  const { run, port } = await startTap(receiver.url);
  await converse(port);
  run.kill("SIGINT");
  await run.exit;
  const root = spanNamed(receiver.spans, "openclaw.gateway.connection");
  const call = spanNamed(receiver.spans, "status");
  expect([call.traceId, call.parentSpanId]).toEqual([TRACE, SPAN]);
  // OTLP, Span.flags: bits 8 and 9 say that the parent is known to be remote.
  expect(call.flags & 0x300).toBe(0x300);
  expect(call.links).toEqual([{ traceId: root.traceId, spanId: root.spanId }]);
  expect(root.links).toEqual([{ traceId: TRACE, spanId: call.spanId }]);
  const refused = receiver.spans.filter(({ name }) => name === "agent");
  expect(refused).toHaveLength(2);
  for (const { status, attributes } of refused) {
    expect(status.code).toBe("STATUS_CODE_ERROR");
    expect(attributes["gw_trace.findings"]).toEqual(["missing-scope-not-requested"]);
  }
});

test("credentials in clear are not pushed", async () => {
  const run = runRecord(folder, ["--otlp", "http://127.0.0.1:9", "--no-redact"]);
  expect(await run.exit).toBe(2);
  expect(run.stderr()).toContain("--otlp and --no-redact exclude each other");
});

describe("a receiver", () => {
  test("that is not there is told once, and costs nothing but its spans", async () => {
    const gone = await startOtlpReceiver();
    await gone[Symbol.asyncDispose]();
    const { run, port, file } = await startTap(gone.url);
    await converse(port);
    await converse(port);
    run.kill("SIGINT");
    expect(await run.exit).toBe(130);
    expect(run.stderr()).toContain("sent 0 spans to");
    expect(run.stderr()).toContain("14 spans were not sent or not taken");
    expect(await exportOf(file)).toHaveLength(14);
  });

  test("that refuses is told once, however often it does", async () => {
    await using receiver = await startOtlpReceiver(() => 403);
    const { run, port, file } = await startTap(receiver.url);
    await converse(port);
    await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThan(0), PATIENCE);
    await converse(port);
    await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThan(1), PATIENCE);
    run.kill("SIGINT");
    expect(await run.exit).toBe(130);
    expect(run.stderr().match(/does not take all spans \(HTTP 403/g)).toHaveLength(1);
    expect(await exportOf(file)).toHaveLength(14);
  });

  test("that takes a batch but not all of its spans is counted for what it kept", async () => {
    const partial = { rejectedSpans: 1, errorMessage: "span too old" };
    await using receiver = await startOtlpReceiver(() => 200, 0, partial);
    const { run, port, file } = await startTap(receiver.url);
    await converse(port);
    run.kill("SIGINT");
    expect(await run.exit).toBe(130);
    const lost = receiver.requests.length;
    expect(run.stderr()).toContain(`sent ${7 - lost} spans to`);
    expect(run.stderr().match(/does not take all spans \(span too old\)/g)).toHaveLength(1);
    expect(await exportOf(file)).toHaveLength(7);
  });

  test("that never answers holds nobody up", async () => {
    await using receiver = await startOtlpReceiver(() => null);
    const { run, port, file } = await startTap(receiver.url);
    await converse(port);
    await vi.waitFor(() => expect(receiver.requests.length).toBeGreaterThan(0), PATIENCE);
    await converse(port);
    run.kill("SIGINT");
    expect(await run.exit).toBe(130);
    expect(run.stderr()).toContain("14 spans were not sent or not taken");
    expect(await exportOf(file)).toHaveLength(14);
    expect(await readdir(folder)).toEqual(["live.gwtrace"]);
  });

  test("hears of connections that are open when the recording ends", async () => {
    await using receiver = await startOtlpReceiver();
    const { run, port } = await startTap(receiver.url);
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    await once(socket, "message");
    run.kill("SIGINT");
    await run.exit;
    expect(receiver.spans).toMatchObject([
      { name: "openclaw.gateway.connection", attributes: { "openclaw.gateway.close.by": "tap" } },
    ]);
  });
});
