import { z } from "zod";
import type { OpenTelemetry } from "./packages.ts";

/** Spans of a batch that a receiver did not keep, though it took the batch. */
export interface Rejection {
  readonly spans: number;
  readonly reason: string;
}

const partialSuccessSchema = z.looseObject({
  rejectedSpans: z.coerce.number().int().nonnegative().default(0),
  errorMessage: z.string().default(""),
});

/**
 * Hears of spans that receivers reject. The exporter tells its caller nothing of them (OTLP specification: partial success), only its
 * diagnostic log, just before it says that the batch was taken.
 */
export class RejectedSpans {
  #last: Rejection | null = null;

  constructor({ api }: OpenTelemetry) {
    const ignore = (): void => undefined;
    const warn = (...said: unknown[]): void => this.#hear(said);
    const logger = { error: ignore, warn, info: ignore, debug: ignore, verbose: ignore };
    api.diag.setLogger(logger, {
      logLevel: api.DiagLogLevel.WARN,
      suppressOverrideMessage: true,
    });
  }

  /** What was rejected of the batch that was taken just now; null when nothing was. */
  take(): Rejection | null {
    const rejection = this.#last;
    this.#last = null;
    return rejection;
  }

  #hear(said: readonly unknown[]): void {
    for (const part of said) {
      const parsed = partialSuccessSchema.safeParse(parseJson(part));
      if (!parsed.success || parsed.data.rejectedSpans === 0) continue;
      const { rejectedSpans: spans, errorMessage } = parsed.data;
      this.#last = { spans, reason: errorMessage === "" ? "no reason given" : errorMessage };
    }
  }
}

function parseJson(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : null;
  } catch {
    return null;
  }
}
