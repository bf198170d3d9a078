import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startOtlpReceiver, type OtlpReceiver } from "../support/otlp-receiver.ts";
import { DirectClient } from "./harness/direct-client.ts";
import { type Gateway, startGateway } from "./harness/gateway.ts";
import { BACKEND, READ } from "./harness/identities.ts";
import { OPENCLAW_VERSIONS } from "./harness/install.ts";
import { runCli } from "./harness/openclaw-cli.ts";
import { SHARED_TOKEN } from "./harness/state.ts";
import { type RunningTap, startTap } from "./harness/tap.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const auth = { token: SHARED_TOKEN };

describe.each(OPENCLAW_VERSIONS)("OpenClaw %s behind record --otlp", (version) => {
  let gateway: Gateway;
  let receiver: OtlpReceiver;
  let tap: RunningTap;
  let url = "";

  beforeAll(async () => {
    gateway = await startGateway({ version });
    receiver = await startOtlpReceiver();
    const port = await gateway.place.tapPort();
    url = `ws://127.0.0.1:${String(port)}`;
    const output = join(gateway.state.dir, "otlp.gwtrace");
    const more = ["--otlp", receiver.url];
    tap = await startTap(gateway.place, { port, upstream: gateway.url, output, more });
    await using client = await DirectClient.open(url);
    expect((await client.connect({ client: BACKEND, scopes: READ, auth })).error).toBeNull();
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    const traced = await client.call("sessions.list", {}, { traceparent });
    // Gateways of protocol 3 know no such field, and take a request that has one for none.
    expect(traced.ok).toBe(version !== "2026.5.4");
    expect((await client.call("sessions.list", {}, { traceparent: "00-nonsense" })).ok).toBe(
      traced.ok,
    );
    expect((await client.call("chat.abort", { sessionKey: "agent:main:main" })).ok).toBe(false);
    await client.close();
    await runCli(gateway, ["gateway", "call", "health"], {
      OPENCLAW_GATEWAY_PORT: String(port),
      OPENCLAW_GATEWAY_TOKEN: SHARED_TOKEN,
    });
    await tap.stop();
  });

  afterAll(async () => {
    await tap?.[Symbol.asyncDispose]();
    await receiver?.[Symbol.asyncDispose]();
    await gateway?.[Symbol.asyncDispose]();
  });

  test("a call with a traceparent stands in its caller's trace", () => {
    const [traced, other] = receiver.spans.filter(({ name }) => name === "sessions.list");
    expect([traced?.traceId, traced?.parentSpanId]).toEqual([TRACE, SPAN]);
    expect(other?.traceId).not.toBe(TRACE);
    expect(traced?.links).toMatchObject([{ traceId: other?.traceId, spanId: other?.parentSpanId }]);
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
