import type { Resource } from "@opentelemetry/resources";
import type { BatchSpanProcessor, ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { OtlpSpan } from "../exchange/otlp/span.ts";
import { loadOpenTelemetry } from "./packages.ts";
import { createResource, toReadableSpan } from "./readable-span.ts";
import { RejectedSpans } from "./rejected-spans.ts";
import { describeExportError } from "./send.ts";

/** Spans beyond this that wait to be sent are not sent, but counted; the default of OpenTelemetry's own batches. */
const MAX_WAITING_SPANS = 2048;
const BATCH_SPANS = 512;
const BATCH_AGE_MS = 1000;

/** How long the end waits for what is under way: a receiver that does not answer shall hold nobody up. */
const PATIENCE_MS = 3000;
const PATIENCE_WITH_FAILING_MS = 500;

/** What became of the spans. */
export interface SpanTally {
  readonly sent: number;
  /** Those that the receiver did not take, or not in time. */
  readonly lost: number;
  /** False when something was still under way. */
  readonly isWhole: boolean;
}

/** Spans on their way to a receiver, in batches. Never waits and never throws; what does not arrive is counted. */
export class SpanStream {
  readonly #resource: Resource;
  readonly #processor: BatchSpanProcessor;
  readonly #onTrouble: (reason: string) => void;
  readonly #rejected: RejectedSpans;
  #given = 0;
  #sent = 0;
  #isFailing = false;
  #isTroubleTold = false;

  private constructor(
    resource: Resource,
    createProcessor: (exporter: SpanExporter) => BatchSpanProcessor,
    exporter: SpanExporter,
    rejected: RejectedSpans,
    onTrouble: (reason: string) => void,
  ) {
    this.#resource = resource;
    this.#rejected = rejected;
    this.#onTrouble = onTrouble;
    this.#processor = createProcessor({
      export: (spans, callback) =>
        exporter.export(spans, (result) => {
          this.#hear(spans, result);
          callback(result);
        }),
      shutdown: () => exporter.shutdown(),
    });
  }

  /**
   * Readies a stream to that URL; nothing is sent before there is something to send. `onTrouble` hears once, when for the first
   * time a batch was not taken.
   * @throws {GwTraceError} PACKAGE_MISSING
   */
  static async create(endpoint: string, onTrouble: (reason: string) => void): Promise<SpanStream> {
    const packages = await loadOpenTelemetry();
    const { BatchSpanProcessor } = packages.sdk;
    const exporter = new packages.exporter.OTLPTraceExporter({ url: endpoint });
    const createProcessor = (counting: SpanExporter): BatchSpanProcessor =>
      new BatchSpanProcessor({
        exporter: counting,
        maxQueueSize: MAX_WAITING_SPANS,
        maxExportBatchSize: BATCH_SPANS,
        scheduledDelayMillis: BATCH_AGE_MS,
      });
    const rejected = new RejectedSpans(packages);
    return new SpanStream(createResource(packages), createProcessor, exporter, rejected, onTrouble);
  }

  /** Takes a span to be sent. */
  push(span: OtlpSpan): void {
    this.#given += 1;
    this.#processor.onEnd(toReadableSpan(span, this.#resource));
  }

  /** Sends what waits, for a few seconds at most. Never rejects. */
  async close(): Promise<SpanTally> {
    const patienceMs = this.#isFailing ? PATIENCE_WITH_FAILING_MS : PATIENCE_MS;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), patienceMs);
    });
    const done = this.#processor.shutdown().then(
      () => true,
      () => true,
    );
    const isWhole = await Promise.race([done, late]);
    clearTimeout(timer);
    return { sent: this.#sent, lost: this.#given - this.#sent, isWhole };
  }

  #hear(spans: readonly ReadableSpan[], result: { code: number; error?: Error }): void {
    this.#isFailing = result.code !== 0;
    const rejection = this.#rejected.take();
    if (!this.#isFailing) this.#sent += spans.length - (rejection?.spans ?? 0);
    if (rejection !== null) this.#tell(rejection.reason);
    else if (this.#isFailing)
      this.#tell(
        result.error === undefined ? "no reason given" : describeExportError(result.error),
      );
  }

  #tell(reason: string): void {
    if (this.#isTroubleTold) return;
    this.#isTroubleTold = true;
    this.#onTrouble(reason);
  }
}
