import { buildOtlpSpans } from "../../src/exchange/otlp/connection.ts";
import type { OtlpSpan } from "../../src/exchange/otlp/span.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { NewEntry } from "../../src/recording/entry.ts";
import type { Trace } from "../../src/trace/model.ts";
import { traceOf } from "./traces.ts";

/** The spans of a trace with all that is found in it. */
function spansOfTrace(trace: Trace): readonly OtlpSpan[] {
  return buildOtlpSpans(trace, diagnose([trace]));
}

/** The spans of scripted conversations. */
export function spansOf(...conversations: readonly (readonly NewEntry[])[]): readonly OtlpSpan[] {
  return spansOfTrace(traceOf(conversations));
}

/** The only span of that name. */
export function spanNamed<T extends { readonly name: string }>(
  spans: readonly T[],
  name: string,
): T {
  const [span, ...more] = spans.filter((candidate) => candidate.name === name);
  if (span === undefined || more.length > 0) {
    throw new Error(`${more.length + (span === undefined ? 0 : 1)} spans are named ${name}`);
  }
  return span;
}
