import { renderClosedLine, renderDecidedLine } from "../views/live.ts";
import { renderCount, renderSize } from "../views/quantity.ts";
import { SCOPE_LETTERS_LEGEND } from "../views/scope-letters.ts";
import { buildConnection } from "../views/show-json.ts";
import { toPrintable } from "../views/printable.ts";
import { styleFor } from "./output.ts";
import type { GwTraceError } from "../errors.ts";
import type { ClosedRecording } from "../recording/writer.ts";
import type { HostPort } from "../wire/address.ts";
import type { Notice } from "../tap/notices.ts";

/** What `record` says once it listens. */
export interface Listening {
  readonly url: string;
  readonly address: string;
  readonly listen: HostPort;
  readonly path: string;
  readonly name: string;
  /** What names the recording to other commands: its name, or its path where it is outside the recordings folder. */
  readonly reference: string;
  readonly redacted: boolean;
}

/** Counts of a whole recording, as far as the live lines know. */
export interface Tally {
  connections: number;
  calls: number;
  failed: number;
}

/** Where the lines of `record` go: for people on stderr, or as one JSON document a line on stdout. */
export interface RecordOutput {
  listening(facts: Listening): void;
  warn(text: string): void;
  notice(notice: Notice): void;
  blind(error: GwTraceError): void;
  summary(facts: Listening, tally: Tally, recording: ClosedRecording | null): void;
}

/** Lines for people. */
export function createTextOutput(): RecordOutput {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const style = styleFor(process.stderr, process.env);
  return {
    listening: (facts) => say(renderListening(facts)),
    warn: (text) => say(`gw-trace: ${toPrintable(text)}`),
    notice: ({ kind, connection }) =>
      say(
        kind === "decided"
          ? renderDecidedLine(connection, style)
          : renderClosedLine(connection, style),
      ),
    blind: (error) => say(`gw-trace: ${toPrintable(error.message)}. ${error.hint}`),
    summary: (facts, tally, recording) => say(renderSummary(facts, tally, recording)),
  };
}

/** Lines for programs: one JSON document each, with a `type`. */
export function createJsonOutput(): RecordOutput {
  const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
  let name = "";
  return {
    listening: (facts) => {
      name = facts.name;
      const { url, address, path, redacted } = facts;
      say({ type: "listening", upstream: url, listen: address, path, redacted });
    },
    warn: (message) => say({ type: "warning", message }),
    notice: ({ kind, connection }) =>
      say({ type: `connection-${kind}`, connection: buildConnection(name, connection) }),
    blind: ({ code, message, hint }) => say({ type: "blind", code, message, hint }),
    summary: (facts, tally, recording) =>
      say({ type: "summary", path: facts.path, ...tally, recording }),
  };
}

function renderListening({ url, address, listen, path, redacted }: Listening): string {
  const lines = [
    `recording ${toPrintable(url)}`,
    `  into   ${toPrintable(path)}${redacted ? "" : "  CREDENTIALS IN CLEAR"}`,
  ];
  // OpenClaw takes the port alone for one on 127.0.0.1.
  if (listen.host === "127.0.0.1") {
    lines.push(`  point clients here:  OPENCLAW_GATEWAY_PORT=${listen.port} openclaw ...`);
    lines.push(`  or by URL, with the token beside it:`);
  } else lines.push(`  point clients here, with the token beside the URL:`);
  lines.push(`    OPENCLAW_GATEWAY_URL=ws://${address} OPENCLAW_GATEWAY_TOKEN=... openclaw ...`);
  return [...lines, `  ${SCOPE_LETTERS_LEGEND}`, "stop with Ctrl-C", ""].join("\n");
}

function renderSummary(
  { reference, path }: Listening,
  { connections, calls, failed }: Tally,
  recording: ClosedRecording | null,
): string {
  if (recording === null) return `\nthe recorder failed: ${toPrintable(path)} may be cut short`;
  const counts = [
    renderCount(connections, "connection"),
    `${renderCount(calls, "call")}${failed > 0 ? `, ${failed} failed` : ""}`,
    `${recording.entries} entries`,
    renderSize(recording.sizeBytes),
  ];
  const lines = ["", `recorded ${counts.join(", ")} in ${toPrintable(path)}`];
  if (recording.missedEntries > 0) {
    lines.push(
      `NOT RECORDED: ${recording.missedEntries} entries, ${renderSize(recording.missedBytes)}; the recording says when`,
    );
  }
  if (!recording.complete) lines.push("the recording was not closed whole");
  lines.push(
    `look at it:  gw-trace show ${toPrintable(reference)}   gw-trace tui ${toPrintable(reference)}`,
  );
  return lines.join("\n");
}
