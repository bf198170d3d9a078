import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResponseFrame } from "../../src/gateway/frame.ts";
import { startOtlpReceiver, type OtlpReceiver } from "../support/otlp-receiver.ts";
import { DirectClient } from "./harness/direct-client.ts";
import { type Gateway, startGateway } from "./harness/gateway.ts";
import { runGwTrace } from "./harness/gw-trace.ts";
import { BACKEND, READ } from "./harness/identities.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { runCli } from "./harness/openclaw-cli.ts";
import { SHARED_TOKEN } from "./harness/state.ts";
import { type RunningTap, startTap } from "./harness/tap.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const auth = { token: SHARED_TOKEN };

describe.each(OPENCLAW_VERSIONS)("OpenClaw %s, recorded and exported as spans", (version) => {
  let gateway: Gateway;
  let receiver: OtlpReceiver;
  let tap: RunningTap;
  let traced: ResponseFrame;

  beforeAll(async () => {
    gateway = await startGateway({ version });
    receiver = await startOtlpReceiver();
    const port = await gateway.place.tapPort();
    const output = join(gateway.state.dir, "otlp.gwtrace");
    tap = await startTap(gateway.place, { port, upstream: gateway.url, output });
    await using client = await DirectClient.open(`ws://127.0.0.1:${String(port)}`);
    await client.connect({ client: BACKEND, scopes: READ, auth });
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    traced = await client.call("sessions.list", {}, { traceparent });
    await client.call("sessions.list");
    await client.call("chat.abort", { sessionKey: "agent:main:main" });
    await client.close();
    await runCli(gateway, ["gateway", "call", "health"], {
      OPENCLAW_GATEWAY_PORT: String(port),
      OPENCLAW_GATEWAY_TOKEN: SHARED_TOKEN,
    });
    await tap.stop();
    const args = ["export", output, "--format", "otlp", "--to", receiver.url];
    const env = { PATH: "/usr/bin:/bin" };
    await runGwTrace(gateway.place, args, { cwd: "/", env });
  });

  afterAll(async () => {
    await tap?.[Symbol.asyncDispose]();
    await receiver?.[Symbol.asyncDispose]();
    await gateway?.[Symbol.asyncDispose]();
  });

  test("a request with a traceparent is taken from protocol 4 on, and is no request before", () => {
    const { ok, error } = traced;
    const isOld = version === "2026.5.4";
    expect([ok, error?.message.startsWith("invalid request frame") ?? false]).toEqual([
      !isOld,
      isOld,
    ]);
  });

  test("a call with a traceparent stands in its caller's trace", () => {
    const [joined, other] = receiver.spans.filter(({ name }) => name === "sessions.list");
    expect([joined?.traceId, joined?.parentSpanId]).toEqual([TRACE, SPAN]);
    expect(other?.traceId).not.toBe(TRACE);
    expect(joined?.links).toMatchObject([{ traceId: other?.traceId, spanId: other?.parentSpanId }]);
  });

  test("a refused call is an error with its finding", () => {
    expect(receiver.spans.find(({ name }) => name === "chat.abort")).toMatchObject({
      status: { code: "STATUS_CODE_ERROR", message: "missing scope: operator.write" },
      attributes: {
        "openclaw.gateway.version": version,
        "openclaw.gateway.rpc.scope.missing": "operator.write",
        "gw_trace.findings": ["missing-scope-not-requested"],
      },
    });
  });

  test("OpenClaw's own CLI sends no traceparent: its calls stand in their connection's trace", () => {
    const calls = receiver.spans.filter(
      ({ attributes }) =>
        attributes["openclaw.gateway.client.id"] === "cli" &&
        attributes["rpc.method"] !== undefined,
    );
    expect(calls.map(({ name }) => name)).toContain("health");
    for (const { traceId, parentSpanId, links } of calls) {
      expect(links).toEqual([]);
      const root = receiver.spans.find(({ spanId }) => spanId === parentSpanId);
      expect(root).toMatchObject({ traceId, name: "openclaw.gateway.connection" });
    }
  });
});
