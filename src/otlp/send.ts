import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { GwTraceError } from "../errors.ts";
import type { OtlpSpan } from "../exchange/otlp/span.ts";
import { nameEndpoint } from "./endpoint.ts";
import { loadOpenTelemetry } from "./packages.ts";
import { createResource, toReadableSpan } from "./readable-span.ts";
import { RejectedSpans } from "./rejected-spans.ts";

/** What one request carries; the default of OpenTelemetry's own batches. */
const BATCH_SPANS = 512;

/**
 * Sends spans over OTLP/HTTP as protobuf, one batch after the other, trying again for as long as the exporter's time-out allows.
 * The variables OTEL_EXPORTER_OTLP_HEADERS, _TIMEOUT, _COMPRESSION and _CERTIFICATE count.
 * @throws {GwTraceError} PACKAGE_MISSING, RECEIVER_FAILED
 */
export async function sendSpans(spans: readonly OtlpSpan[], endpoint: string): Promise<void> {
  const packages = await loadOpenTelemetry();
  const resource = createResource(packages);
  const exporter = new packages.exporter.OTLPTraceExporter({ url: endpoint });
  const rejected = new RejectedSpans(packages);
  try {
    for (let sent = 0; sent < spans.length; sent += BATCH_SPANS) {
      const batch = spans
        .slice(sent, sent + BATCH_SPANS)
        .map((span) => toReadableSpan(span, resource));
      const error = await sendBatch(exporter, batch);
      if (error !== null) throw receiverFailed(endpoint, error, sent, spans.length);
      const rejection = rejected.take();
      if (rejection === null) continue;
      const taken = sent + batch.length - rejection.spans;
      throw receiverFailed(endpoint, new Error(rejection.reason), taken, spans.length);
    }
  } finally {
    await exporter.shutdown();
  }
}

/** Sends one batch: null when it was taken, else why it was not. */
function sendBatch(exporter: SpanExporter, batch: ReadableSpan[]): Promise<Error | null> {
  return new Promise((resolve) => {
    exporter.export(batch, ({ code, error }: { readonly code: number; readonly error?: Error }) => {
      resolve(code === 0 ? null : (error ?? new Error("the batch was not taken")));
    });
  });
}

/** Why nothing more goes to a receiver. */
function receiverFailed(endpoint: string, error: Error, sent: number, total: number): GwTraceError {
  return new GwTraceError(
    "RECEIVER_FAILED",
    `${nameEndpoint(endpoint)} took ${sent} of ${total} spans: ${describeExportError(error)}`,
    "Start the receiver, or give its URL; it has to take OTLP over HTTP.",
    { cause: error },
  );
}

/** What the exporter says of a failure, in few words. */
export function describeExportError(error: Error): string {
  // The HTTP status; a system's code stands in the message.
  const code = "code" in error && typeof error.code === "number" ? `HTTP ${error.code} ` : "";
  return `${code}${error.message}`.trim().slice(0, 200);
}
