import { usageError } from "../errors.ts";
import { buildOtlpSpans } from "../exchange/otlp/connection.ts";
import { diagnose } from "../findings/diagnose.ts";
import { nameEndpoint, resolveEndpoint } from "../otlp/endpoint.ts";
import { renderOtlpJson } from "../otlp/render-json.ts";
import { sendSpans } from "../otlp/send.ts";
import { renderCount } from "../views/quantity.ts";
import type { TracedRecording } from "../trace/model.ts";
import { OpenRecordings } from "./read-traces.ts";
import { writeOutput } from "./write-output.ts";
import { tell } from "./output.ts";

interface OtlpOptions {
  readonly output?: string;
  /** `true` when no URL was given. */
  readonly to?: string | true;
}

/**
 * Recordings as OpenTelemetry spans: one OTLP/JSON document, or sent to a receiver.
 * @throws {GwTraceError} USAGE, URL_INVALID, PACKAGE_MISSING, RECEIVER_FAILED, RECORDING_EXISTS, WRITE_FAILED
 */
export async function exportOtlp(
  names: readonly string[],
  { output, to }: OtlpOptions,
): Promise<void> {
  if (output !== undefined && to !== undefined) {
    throw usageError("--output and --to exclude each other", "Give one of them.");
  }
  const endpoint = to === undefined ? null : resolveEndpoint(to, process.env);
  await using recordings = await OpenRecordings.open(names);
  if (endpoint !== null) for (const { recording } of recordings.traces) assertRedacted(recording);
  const findings = diagnose(recordings.traces);
  const spans = recordings.traces.flatMap((trace) => buildOtlpSpans(trace, findings));
  if (endpoint !== null) {
    await sendSpans(spans, endpoint);
    tell(`sent ${renderCount(spans.length, "span")} to ${nameEndpoint(endpoint)}\n`);
    return;
  }
  await writeOutput(output, await renderOtlpJson(spans));
}

// An error message may quote a credential.
function assertRedacted({ name, header }: TracedRecording): void {
  if (header.redaction !== "off") return;
  throw usageError(
    `${name} holds credentials in clear, so it is not sent anywhere`,
    "Make a copy without them: gw-trace scrub <recording> <copy> --level credentials.",
  );
}
