import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { z } from "zod";
import { GwTraceError } from "../errors.ts";
import type { OtlpSpan } from "../exchange/otlp/span.ts";
import { nameEndpoint } from "./endpoint.ts";
import { loadOpenTelemetry, type OpenTelemetry } from "./packages.ts";
import { createResource, toReadableSpan } from "./readable-span.ts";

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
  let rejected = { rejectedSpans: 0, errorMessage: "" };
  hearRejections(packages, (rejection) => (rejected = rejection));
  try {
    for (let sent = 0; sent < spans.length; sent += BATCH_SPANS) {
      const batch = spans
        .slice(sent, sent + BATCH_SPANS)
        .map((span) => toReadableSpan(span, resource));
      const failure = await sendBatch(exporter, batch);
      if (failure !== null) throw receiverFailed(endpoint, failure, sent, spans.length);
      const { rejectedSpans, errorMessage } = rejected;
      if (rejectedSpans === 0) continue;
      const taken = sent + batch.length - rejectedSpans;
      throw receiverFailed(endpoint, errorMessage || "no reason given", taken, spans.length);
    }
  } finally {
    await exporter.shutdown();
  }
}

const partialSuccessSchema = z.looseObject({
  rejectedSpans: z.coerce.number().int().positive(),
  errorMessage: z.string().default(""),
});

/**
 * Hears of spans of a batch that a receiver did not keep, though it took the batch. The exporter tells its caller nothing of them (OTLP
 * specification: partial success), only its diagnostic log, just before it says that the batch was taken.
 */
function hearRejections(
  { api }: OpenTelemetry,
  hear: (rejection: z.infer<typeof partialSuccessSchema>) => void,
): void {
  const ignore = (): void => undefined;
  const warn = (...said: unknown[]): void => {
    for (const part of said) {
      const parsed = partialSuccessSchema.safeParse(parseJson(part));
      if (parsed.success) hear(parsed.data);
    }
  };
  api.diag.setLogger(
    { error: ignore, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

function parseJson(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : null;
  } catch {
    return null;
  }
}

/** Sends one batch: null when it was taken, else why it was not, in few words. */
function sendBatch(exporter: SpanExporter, batch: ReadableSpan[]): Promise<string | null> {
  return new Promise((resolve) => {
    exporter.export(batch, ({ code, error }: { readonly code: number; readonly error?: Error }) => {
      if (code === 0) return resolve(null);
      // The HTTP status; a system's code stands in the message.
      const status = error !== undefined && "code" in error && typeof error.code === "number";
      const said = `${status ? `HTTP ${String(error.code)} ` : ""}${error?.message ?? "the batch was not taken"}`;
      resolve(said.trim().slice(0, 200));
    });
  });
}

/** Why nothing more goes to a receiver. */
function receiverFailed(endpoint: string, why: string, sent: number, total: number): GwTraceError {
  return new GwTraceError(
    "RECEIVER_FAILED",
    `${nameEndpoint(endpoint)} took ${sent} of ${total} spans: ${why}`,
    "Start the receiver, or give its URL; it has to take OTLP over HTTP.",
  );
}
