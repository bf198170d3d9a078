import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import type { OtlpAttributes, OtlpSpan } from "../exchange/otlp/span.ts";
import { TOOL_VERSION } from "../version.ts";
import type { OpenTelemetry } from "./packages.ts";

type HrTime = ReadableSpan["startTime"];
type SpanContext = ReturnType<ReadableSpan["spanContext"]>;

const SAMPLED = 1;
const KINDS = { internal: 0, client: 2 } as const;
const UNSET = 0;
const ERROR = 2;
const SCOPE = { name: "gw-trace", version: TOOL_VERSION } as const;

/** What made the spans: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES count, and the service is `gw-trace` otherwise. */
export function createResource({ resources }: OpenTelemetry): Resource {
  const { resourceFromAttributes, detectResources, envDetector } = resources;
  const own = { "service.name": "gw-trace", "service.version": TOOL_VERSION };
  return resourceFromAttributes(own).merge(detectResources({ detectors: [envDetector] }));
}

/** A span in the form in which OpenTelemetry's packages take it. */
export function toReadableSpan(span: OtlpSpan, resource: Resource): ReadableSpan {
  const { traceId, spanId, parent, error } = span;
  const startTime = toHrTime(span.startUnixMs);
  const endTime = toHrTime(span.endUnixMs);
  return {
    name: span.name,
    kind: KINDS[span.kind],
    spanContext: () => contextOf(traceId, spanId, false),
    ...(parent === null
      ? {}
      : { parentSpanContext: contextOf(traceId, parent.spanId, parent.isRemote) }),
    startTime,
    endTime,
    duration: toHrTime(Math.max(0, span.endUnixMs - span.startUnixMs)),
    ended: true,
    status: error === null ? { code: UNSET } : { code: ERROR, message: error },
    attributes: toAttributes(span.attributes),
    events: span.events.map(({ name, unixMs, attributes }) => ({
      name,
      time: toHrTime(unixMs),
      attributes: toAttributes(attributes),
    })),
    links: span.links.map((link) => ({
      context: contextOf(link.traceId, link.spanId, link.isRemote),
    })),
    droppedAttributesCount: 0,
    droppedEventsCount: span.droppedEvents,
    droppedLinksCount: span.droppedLinks,
    resource,
    instrumentationScope: SCOPE,
  };
}

function contextOf(traceId: string, spanId: string, isRemote: boolean): SpanContext {
  return { traceId, spanId, traceFlags: SAMPLED, isRemote };
}

// Seconds and nanoseconds.
function toHrTime(unixMs: number): HrTime {
  const seconds = Math.floor(unixMs / 1000);
  // A double of today's milliseconds is exact to about a quarter of a microsecond.
  return [seconds, Math.round((unixMs - seconds * 1000) * 1000) * 1000];
}

function toAttributes(attributes: OtlpAttributes): ReadableSpan["attributes"] {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === "object" ? value.slice() : value,
    ]),
  );
}
