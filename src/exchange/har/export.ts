import type { Entry, RecordingHeader } from "../../recording/entry.ts";
import { TOOL_VERSION } from "../../version.ts";
import { HarConnection } from "./connection.ts";
import { surveyEntries, type Survey } from "./survey-entries.ts";

/** A recording that can be read more than once, so that none of it has to be held. */
export interface RereadableRecording {
  readonly header: RecordingHeader;
  /** What is known to be missing, in plain words; whole after the entries were read. */
  readonly missing: readonly string[];
  all(): AsyncIterable<Entry>;
  /** Those numbered from `first` to `last`. */
  between(first: number, last: number): AsyncIterable<Entry>;
}

/**
 * Writes a recording as a HAR (HTTP Archive 1.2) with WebSocket messages as Chrome writes them, in pieces, connection by
 * connection. What HAR has no field for goes into `_gwTrace` fields and comments.
 */
export async function* renderHar(
  recording: RereadableRecording,
): AsyncGenerator<string, void, undefined> {
  const { header } = recording;
  const survey = await surveyEntries(recording.all());
  const creator = { name: "gw-trace", version: TOOL_VERSION };
  const head = { version: "1.2", creator, pages: [], _gwTrace: header };
  yield `{"log":${JSON.stringify(head).slice(0, -1)},"entries":[`;
  let count = 0;
  const separator = (): string => (count++ === 0 ? "\n" : ",\n");
  for (const { connection, first, last } of survey.connections) {
    const writer = new HarConnection({ ...originOf(header), connection }, separator);
    for await (const entry of recording.between(first, last)) {
      if (entry.connection === connection) yield* writer.add(entry);
    }
    yield* writer.end();
  }
  yield `\n],"comment":${JSON.stringify(describe(recording, survey))}}}\n`;
}

function originOf({ startedAt, upstream, listen }: RecordingHeader): {
  readonly startedMs: number;
  readonly host: string;
  readonly isSecure: boolean;
} {
  const [, host] = /^\w+:\/\/([^/?#]+)/.exec(upstream ?? "") ?? [];
  return {
    startedMs: Date.parse(startedAt),
    host: host ?? listen ?? "gateway",
    isSecure: /^(?:wss|https):/i.test(upstream ?? ""),
  };
}

/** What the reader of a HAR has to know of what is not in it. */
function describe({ header, missing }: RereadableRecording, survey: Survey): string {
  const { redaction, scrubbed } = header;
  const { gaps, missingEntries, reasons, silent } = survey;
  return [
    redaction === "off" && scrubbed === null
      ? "Credentials are in clear."
      : "Credentials were taken out (<redacted:…>).",
    ...(scrubbed === null || scrubbed === "credentials"
      ? []
      : [
          `Scrubbed of ${scrubbed === "content" ? "identifiers and content" : "identifiers"}, too.`,
        ]),
    ...(gaps === 0
      ? []
      : [
          `MESSAGES ARE MISSING: ${missingEntries} entries in ${gaps} places (${reasons.join("; ")}).`,
        ]),
    ...missing.map((line) => `Missing: ${line}.`),
    ...(silent === 0 ? [] : [`${silent} connections without a request are left out.`]),
  ].join(" ");
}
