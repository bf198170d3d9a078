import { describe, expect, test } from "vitest";
import type { OtlpSpan } from "../../../src/exchange/otlp/span.ts";
import type { ConversationOptions, Step } from "../../support/conversation.ts";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  gateway,
  helloOk,
  ok,
  refused,
  req,
} from "../../support/conversation.ts";
import { spanNamed, spansOf } from "../../support/spans.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const STARTED_MS = Date.parse("2026-11-23T12:00:00.000Z");
const ROOT = "openclaw.gateway.connection";

const talk = (options: ConversationOptions, ...steps: readonly Step[]) =>
  conversation(
    options,
    challenge(),
    connect({ scopes: ["operator.read"], device: "9f".repeat(32), version: "2026.9.6" }),
    helloOk({ scopes: ["operator.read"], version: "2026.9.6", protocol: 4 }),
    ...steps,
    close("client"),
  );

const traced = (id: string, method: string, traceparent: string) =>
  client({ type: "req", id, method, params: {}, traceparent });

const idsOf = (spans: readonly OtlpSpan[]) => spans.map(({ traceId, spanId }) => traceId + spanId);

describe("a connection", () => {
  test("is a trace: itself, its handshake and its calls, each where it happened", () => {
    const spans = spansOf(talk({}, req("1", "health"), ok("1")));
    const root = spanNamed(spans, ROOT);
    expect(spans.map(({ name, kind, parent }) => [name, kind, parent?.spanId])).toEqual([
      [ROOT, "internal", undefined],
      ["connect", "client", root.spanId],
      ["health", "client", root.spanId],
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(spans.map((span) => [span.startUnixMs, span.endUnixMs])).toEqual(
      [
        [1, 9],
        [5, 6],
        [7, 8],
      ].map((times) => times.map((atMs) => STARTED_MS + atMs)),
    );
    expect(spans.map(({ error }) => error)).toEqual([null, null, null]);
  });

  test("says who it was, what it asked for and how it ended", () => {
    const root = spanNamed(spansOf(talk({})), ROOT);
    expect(root.attributes).toMatchObject({
      "openclaw.gateway.client.id": "cli",
      "openclaw.gateway.client.mode": "cli",
      "openclaw.gateway.role": "operator",
      "openclaw.gateway.device": "9f9f9f9f9f9f",
      "openclaw.gateway.version": "2026.9.6",
      "openclaw.gateway.protocol": 4,
      "openclaw.gateway.scopes.requested": ["operator.read"],
      "openclaw.gateway.scopes.granted": ["operator.read"],
      "openclaw.gateway.close.code": 1000,
      "openclaw.gateway.close.by": "client",
      "gw_trace.scopes.effective": ["operator.read"],
      "gw_trace.outcome": "accepted",
      "server.address": "127.0.0.1",
      "server.port": 18_789,
      "client.address": "127.0.0.1",
      "client.port": 50_001,
    });
  });

  test("has each kind of event once, with how often it came", () => {
    const ticks = [1, 2, 3].map((seq) => gateway({ type: "event", event: "tick", seq }));
    const { events } = spanNamed(spansOf(talk({}, ...ticks)), ROOT);
    expect(events.map(({ attributes }) => attributes)).toEqual([
      { "openclaw.gateway.event.name": "connect.challenge", "openclaw.gateway.event.count": 1 },
      { "openclaw.gateway.event.name": "tick", "openclaw.gateway.event.count": 3 },
    ]);
  });

  test("bounds its events, and says how many there were", () => {
    const kinds = Array.from({ length: 200 }, (_, index) =>
      gateway({ type: "event", event: `kind-${index}` }),
    );
    const { events, droppedEvents } = spanNamed(spansOf(talk({}, ...kinds)), ROOT);
    expect([events.length, droppedEvents]).toEqual([128, 73]);
  });

  test("that was refused is an error, with the Gateway's reason", () => {
    const details = { code: "PAIRING_REQUIRED", reason: "not-paired", requestId: "r" };
    const spans = spansOf(
      conversation(
        {},
        challenge(),
        connect({ scopes: ["operator.read"], device: "9f".repeat(32) }),
        refused("connect-1", "NOT_PAIRED", "pairing required", details),
        close("gateway", 1008, "pairing required"),
      ),
    );
    expect(spanNamed(spans, "connect")).toMatchObject({
      error: "pairing required",
      attributes: {
        "openclaw.gateway.rpc.ok": false,
        "rpc.response.status_code": "NOT_PAIRED",
        "error.type": "PAIRING_REQUIRED",
      },
    });
    const root = spanNamed(spans, ROOT);
    expect(root.error).not.toBeNull();
    expect(root.attributes).toMatchObject({
      "gw_trace.outcome": "refused",
      "error.type": "PAIRING_REQUIRED",
      "openclaw.gateway.close.code": 1008,
    });
    expect(root.attributes["gw_trace.findings"]).toContain("pairing-required");
  });

  test("without any WebSocket still has its plain HTTP calls", () => {
    const at = (atMs: number) => ({ atMs, wallMs: STARTED_MS + atMs, connection: 1 });
    const [opened] = conversation({});
    if (opened === undefined) throw new Error("nothing was scripted");
    const headers = [["Host", "127.0.0.1"]] as const;
    const spans = spansOf([
      opened,
      {
        ...at(2),
        kind: "http-request",
        method: "POST",
        target: "/tools/invoke?token=x",
        headers,
        redacted: false,
      },
      { ...at(9), kind: "http-response", status: 500, reason: "", headers, redacted: false },
    ]);
    expect(spanNamed(spans, "POST")).toMatchObject({
      parent: { spanId: spanNamed(spans, ROOT).spanId },
      startUnixMs: STARTED_MS + 2,
      endUnixMs: STARTED_MS + 9,
      error: "HTTP 500",
      attributes: { "url.path": "/tools/invoke", "http.response.status_code": 500 },
    });
  });
});

describe("a call", () => {
  test("that was refused for a scope says which, and carries the finding", () => {
    const details = {
      code: "MISSING_SCOPE",
      missingScope: "operator.write",
      requiredScopes: ["operator.write"],
    };
    const spans = spansOf(
      talk(
        {},
        req("1", "agent"),
        refused("1", "FORBIDDEN", "missing scope: operator.write", details),
      ),
    );
    const call = spanNamed(spans, "agent");
    expect(call).toMatchObject({
      error: "missing scope: operator.write",
      attributes: {
        "rpc.method": "agent",
        "rpc.response.status_code": "FORBIDDEN",
        "error.type": "MISSING_SCOPE",
        "openclaw.gateway.rpc.method": "agent",
        "openclaw.gateway.rpc.id": "1",
        "openclaw.gateway.rpc.ok": false,
        "openclaw.gateway.rpc.scope.missing": "operator.write",
        "openclaw.gateway.rpc.scopes.required": ["operator.write"],
        "gw_trace.scope.needed": "operator.write",
        "gw_trace.findings": ["missing-scope-not-requested"],
        "openclaw.gateway.client.id": "cli",
      },
      events: [
        {
          name: "gw_trace.finding",
          attributes: {
            "gw_trace.finding.code": "missing-scope-not-requested",
            "gw_trace.finding.severity": "error",
          },
        },
      ],
    });
    expect(spanNamed(spans, ROOT).attributes["error.type"]).toBe("missing-scope-not-requested");
  });

  test("with two answers lasts until the second, which decides", () => {
    const spans = spansOf(
      talk(
        {},
        req("1", "agent"),
        ok("1", { status: "accepted" }),
        req("2", "health"),
        ok("2"),
        refused("1", "UNAVAILABLE", "the model is gone"),
      ),
    );
    expect(spanNamed(spans, "agent")).toMatchObject({
      startUnixMs: STARTED_MS + 7,
      endUnixMs: STARTED_MS + 11,
      error: "the model is gone",
      attributes: { "openclaw.gateway.rpc.ok": false, "openclaw.gateway.rpc.first_response_ms": 1 },
    });
  });

  test("without an answer lasts as long as its connection", () => {
    const { endUnixMs, attributes, error } = spanNamed(
      spansOf(talk({}, req("1", "health"))),
      "health",
    );
    expect(endUnixMs).toBe(STARTED_MS + 8);
    expect(attributes).not.toHaveProperty(["openclaw.gateway.rpc.ok"]);
    expect(attributes["gw_trace.findings"]).toEqual(["rpc-unanswered"]);
    expect(error).toBeNull();
  });

  test("keeps a long message within bounds", () => {
    const spans = spansOf(talk({}, req("1", "health"), refused("1", "X", "y".repeat(100_000))));
    const message = spanNamed(spans, "health").attributes["openclaw.gateway.rpc.error.message"];
    expect(message).toHaveLength(1000);
  });
});

describe("a traceparent", () => {
  test("makes the call a child of the caller's span, beside the Gateway's own, and the two traces know of each other", () => {
    const spans = spansOf(talk({}, traced("1", "agent", `00-${TRACE}-${SPAN}-01`), ok("1")));
    const root = spanNamed(spans, ROOT);
    const call = spanNamed(spans, "agent");
    expect([call.traceId, call.parent]).toEqual([TRACE, { spanId: SPAN, isRemote: true }]);
    expect(call.links).toMatchObject([{ traceId: root.traceId, spanId: root.spanId }]);
    expect(root.links).toMatchObject([{ traceId: TRACE, spanId: call.spanId }]);
    expect(root.traceId).not.toBe(TRACE);
    expect(call.attributes["openclaw.gateway.scopes.requested"]).toEqual(["operator.read"]);
  });

  test("of a trace that is not sampled is a link: nobody would send its parent", () => {
    const spans = spansOf(talk({}, traced("1", "agent", `00-${TRACE}-${SPAN}-00`), ok("1")));
    const root = spanNamed(spans, ROOT);
    const call = spanNamed(spans, "agent");
    expect([call.traceId, call.parent?.spanId]).toEqual([root.traceId, root.spanId]);
    expect(call.links).toMatchObject([{ traceId: TRACE, spanId: SPAN }]);
    expect(root.links).toEqual([]);
  });

  test("that Gateways take no notice of counts for nothing", () => {
    const spans = spansOf(talk({}, traced("1", "agent", "00-nonsense"), ok("1")));
    expect(spanNamed(spans, "agent")).toMatchObject({
      traceId: spanNamed(spans, ROOT).traceId,
      links: [],
    });
  });

  test("on connect means nothing, as a Gateway ignores it there", () => {
    const calm = connect();
    const text = "text" in calm.body ? calm.body.text : "";
    const traceparent = `00-${TRACE}-${SPAN}-01`;
    const eager = client({ ...JSON.parse(text), traceparent });
    const [before, after] = [calm, eager].map((step) =>
      spansOf(conversation({}, challenge(), step, helloOk())),
    );
    expect(after).toEqual(before);
  });
});

describe("ids", () => {
  test("are the same each time, and never the same for two spans", () => {
    const conversations = [
      talk({ connection: 1 }, req("1", "health"), ok("1"), req("1", "health"), ok("1")),
      talk({ connection: 2, startMs: 0.5 }, req("1", "health"), ok("1")),
    ];
    const ids = idsOf(spansOf(...conversations));
    expect(idsOf(spansOf(...conversations))).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[\da-f]{48}$/);
  });
});
