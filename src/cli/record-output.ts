import type { GwTraceError } from "../errors.ts";
import type { Finding } from "../findings/finding.ts";
import { shellWord } from "../findings/pairing.ts";
import type { ClosedRecording } from "../recorder/writer.ts";
import type { Notice } from "../tap/notices.ts";
import { renderClosedLine, renderDecidedLine } from "../views/live.ts";
import { escapeJson, toPrintable } from "../views/printable.ts";
import { renderCount, renderSize } from "../views/quantity.ts";
import { type RecordProgress, renderRecordStatus } from "../views/record-status.ts";
import { SCOPE_LETTERS_LEGEND } from "../views/scope-letters.ts";
import { buildConnection } from "../views/show-json.ts";
import type { HostPort } from "../wire/address.ts";
import { goOnUnread } from "./closed-stdout.ts";
import { LiveLine } from "./live-line.ts";
import { print, styleFor, tell } from "./output.ts";
import type { Tally } from "./record-tally.ts";

/** What `record` says once it listens. */
export interface Listening {
  readonly url: string;
  readonly address: string;
  readonly listen: HostPort;
  /** The SHA-256 of the certificate that clients meet; null on plain TCP. */
  readonly tlsFingerprint: string | null;
  readonly path: string;
  readonly name: string;
  /** What names the recording to other commands: its name, or its path where it is outside the recordings folder. */
  readonly reference: string;
  readonly redacted: boolean;
  /** True when a command that runs beside the tap is the client. */
  readonly hasCommand: boolean;
}

/** What a recording came to. */
export interface Summary {
  readonly tally: Tally;
  readonly recording: ClosedRecording;
  /** What else is to be said, in plain words. */
  readonly remarks: readonly string[];
}

/** Where the lines of `record` go: for people on stderr, or as one JSON document a line on stdout. */
export interface RecordOutput {
  listening(facts: Listening): void;
  warn(text: string): void;
  notice(notice: Notice): void;
  finding(finding: Finding): void;
  progress(progress: RecordProgress): void;
  saved(path: string): void;
  blind(error: GwTraceError): void;
  summary(facts: Listening, summary: Summary): void;
}

/** Lines for people; with a live line below them on a terminal, unless another program writes there too. */
export function createTextOutput(sharesTerminal: boolean): RecordOutput {
  const live = process.stderr.isTTY && !sharesTerminal ? new LiveLine(process.stderr) : null;
  const say = (text: string): void => {
    if (live === null) tell(`${text}\n`);
    else live.print(text);
  };
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
    finding: ({ severity, connection, code, title }) => {
      if (severity === "error") say(`#${connection ?? "-"}  ${code}: ${toPrintable(title)}`);
    },
    progress: (progress) => live?.update(renderRecordStatus(progress)),
    saved: (path) => say(`saved what surrounds it in ${toPrintable(path)}`),
    blind: (error) => say(`gw-trace: ${toPrintable(error.message)}. ${error.hint}`),
    summary: (facts, summary) => {
      live?.update("");
      say(renderSummary(facts, summary));
    },
  };
}

/** Lines for programs: one JSON document each, with a `type`. */
export function createJsonOutput(): RecordOutput {
  let isRead = true;
  const say = (value: object): void => {
    if (isRead) print(`${escapeJson(JSON.stringify(value))}\n`);
  };
  // Traffic goes through here: a reader that ends (`| head`) must not end it.
  goOnUnread(() => {
    if (!isRead) return;
    isRead = false;
    tell("gw-trace: nobody reads the standard output any more; recording goes on\n");
  });
  let name = "";
  return {
    listening: (facts) => {
      name = facts.name;
      const { url, address, path, redacted, tlsFingerprint } = facts;
      say({ type: "listening", upstream: url, listen: address, tlsFingerprint, path, redacted });
    },
    warn: (message) => say({ type: "warning", message }),
    notice: ({ kind, connection }) =>
      say({ type: `connection-${kind}`, connection: buildConnection(name, connection) }),
    finding: (finding) => say({ type: "finding", finding: { ...finding, recording: name } }),
    progress: (progress) => say({ type: "status", ...progress }),
    saved: (path) => say({ type: "saved", path }),
    blind: ({ code, message, hint }) => say({ type: "blind", code, message, hint }),
    summary: ({ path }, { tally, recording, remarks }) =>
      say({ type: "summary", path, ...tally, remarks, recording }),
  };
}

/** What `record` says to people when it begins. */
export function renderListening(facts: Listening): string {
  const { url, path, redacted, tlsFingerprint } = facts;
  const lines = [
    `recording ${toPrintable(url)}`,
    `  into   ${toPrintable(path)}${redacted ? "" : "  CREDENTIALS IN CLEAR"}`,
  ];
  if (tlsFingerprint !== null) lines.push(`  tls fingerprint  sha256:${tlsFingerprint}`);
  if (!facts.hasCommand) lines.push(...renderDirections(facts));
  lines.push(`  ${SCOPE_LETTERS_LEGEND}`);
  if (!facts.hasCommand) lines.push("stop with Ctrl-C", "");
  return lines.join("\n");
}

function renderDirections({ address, listen, tlsFingerprint }: Listening): readonly string[] {
  const scheme = tlsFingerprint === null ? "ws" : "wss";
  const byUrl = `    OPENCLAW_GATEWAY_URL=${scheme}://${address} OPENCLAW_GATEWAY_TOKEN=... openclaw ...`;
  // OpenClaw takes the port alone for one on 127.0.0.1, in clear.
  return listen.host === "127.0.0.1" && tlsFingerprint === null
    ? [
        `  point clients here:  OPENCLAW_GATEWAY_PORT=${listen.port} openclaw ...`,
        `  or by URL, with the token beside it:`,
        byUrl,
      ]
    : [`  point clients here, with the token beside the URL:`, byUrl];
}

/** What `record` says to people when it ends. */
export function renderSummary(
  { reference, path }: Listening,
  { tally, recording, remarks }: Summary,
): string {
  const { connections, calls, failed, findings } = tally;
  const counts = [
    renderCount(connections, "connection"),
    `${renderCount(calls, "call")}${failed > 0 ? `, ${failed} failed` : ""}`,
    ...(findings > 0 ? [renderCount(findings, "finding")] : []),
    `${recording.entries} entries`,
    renderSize(recording.sizeBytes),
  ];
  const lines = ["", `recorded ${counts.join(", ")} in ${toPrintable(path)}`];
  if (recording.parts !== undefined) lines.push(renderParts(recording.parts, recording.saved));
  if (recording.missedEntries > 0 || recording.missedBytes > 0) {
    lines.push(
      `NOT RECORDED: ${recording.missedEntries} entries, ${renderSize(recording.missedBytes)}; the recording says when`,
    );
  }
  if (!recording.complete) lines.push("the recording was not closed whole");
  lines.push(...remarks.map(toPrintable));
  const newest = recording.parts?.at(-1);
  const name = toPrintable(shellWord(newest ?? reference));
  lines.push(`look at it:  gw-trace show ${name}   gw-trace tui ${name}`);
  return lines.join("\n");
}

function renderParts(parts: readonly string[], saved: readonly string[] = []): string {
  const kept = `the newest is kept in ${renderCount(parts.length, "file")} up to ${toPrintable(parts.at(-1) ?? "")}`;
  return [kept, ...saved.map((path) => `saved ${toPrintable(path)}`)].join("\n");
}
