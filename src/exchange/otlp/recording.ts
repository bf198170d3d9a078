import type { Finding } from "../../findings/finding.ts";
import type { Trace } from "../../trace/model.ts";
import { buildConnectionSpans } from "./connection.ts";
import type { OtlpSpan } from "./span.ts";

/** A recording as OpenTelemetry spans: a trace for each connection, with its handshake and its calls below it. */
export function buildOtlpSpans(trace: Trace, findings: readonly Finding[]): readonly OtlpSpan[] {
  const { recording, connections } = trace;
  const own = findings.filter((finding) => finding.recording === recording.name);
  return connections.flatMap((connection) =>
    buildConnectionSpans(
      recording,
      connection,
      own.filter((finding) => finding.connection === connection.id),
    ),
  );
}
