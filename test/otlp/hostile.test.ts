import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadOpenTelemetry } from "../../src/otlp/packages.ts";
import { createResource, toReadableSpan } from "../../src/otlp/readable-span.ts";
import { client, conversation, gateway } from "../support/conversation.ts";
import type { Step } from "../support/conversation.ts";
import { decodeOtlp } from "../support/otlp-receiver.ts";
import { spansOf } from "../support/spans.ts";

// Text of any UTF-16 code units, halves of surrogate pairs among them.
const text = fc.string({ unit: "binary" });
const anything = fc.oneof(text, fc.jsonValue(), fc.constant(undefined));

const frame = fc.record(
  {
    type: fc.oneof(fc.constantFrom("req", "res", "event"), text),
    id: fc.oneof(fc.constantFrom("1", "2"), anything),
    method: fc.oneof(fc.constantFrom("connect", "agent"), anything),
    params: fc.oneof(
      fc.record({ client: anything, scopes: anything, role: anything, device: anything }),
      anything,
    ),
    ok: fc.oneof(fc.boolean(), anything),
    payload: fc.oneof(fc.record({ status: fc.constant("accepted"), auth: anything }), anything),
    error: fc.oneof(fc.record({ code: text, message: text, details: anything }), anything),
    event: text,
    traceparent: fc.oneof(
      fc.constant("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
      anything,
    ),
  },
  { requiredKeys: ["type"] },
);

const step: fc.Arbitrary<Step> = fc
  .tuple(fc.boolean(), fc.oneof({ weight: 5, arbitrary: frame }, { weight: 1, arbitrary: text }))
  .map(([fromClient, said]) => (fromClient ? client(said) : gateway(said)));

test("whatever the frames say, the spans are OTLP that a receiver can read, in both encodings", async () => {
  const packages = await loadOpenTelemetry();
  const resource = createResource(packages);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const spans = spansOf(conversation({}, ...steps));
      const readable = spans.map((span) => toReadableSpan(span, resource));
      const bytes = ProtobufTraceSerializer.serializeRequest(readable);
      const json = JsonTraceSerializer.serializeRequest(readable);
      if (bytes === undefined || json === undefined) throw new Error("nothing was serialized");
      const received = decodeOtlp(bytes, "application/x-protobuf");
      expect(received.map(({ traceId, spanId }) => [traceId, spanId])).toEqual(
        spans.map(({ traceId, spanId }) => [traceId, spanId]),
      );
      expect(decodeOtlp(json, "application/json")).toHaveLength(spans.length);
      for (const { start, end } of received) expect(end >= start).toBe(true);
    }),
  );
});
