import { usageError } from "../errors.ts";
import type { OtlpSpan } from "../exchange/otlp/span.ts";
import { loadOpenTelemetry } from "./packages.ts";
import { createResource, toReadableSpan } from "./readable-span.ts";
import { escapeJson } from "../views/printable.ts";

/** One document is one string, which V8 ends at half a gigabyte; a span is about 2 kB of it. */
const MAX_SPANS = 200_000;

/**
 * Spans as one OTLP/JSON document, an `ExportTraceServiceRequest` that a receiver takes as it is.
 * @throws {GwTraceError} PACKAGE_MISSING, USAGE
 */
export async function renderOtlpJson(spans: readonly OtlpSpan[]): Promise<string> {
  if (spans.length > MAX_SPANS) {
    throw usageError(
      `${spans.length} spans are too many for one document`,
      "Send them with --to, or make a part of the recording with gw-trace cut.",
    );
  }
  const packages = await loadOpenTelemetry();
  const resource = createResource(packages);
  const bytes = packages.transformer.JsonTraceSerializer.serializeRequest(
    spans.map((span) => toReadableSpan(span, resource)),
  );
  return `${escapeJson(new TextDecoder().decode(bytes))}\n`;
}
