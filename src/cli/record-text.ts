import { toPrintable } from "../views/printable.ts";
import { renderCount, renderSize } from "../views/quantity.ts";
import { SCOPE_LETTERS_LEGEND } from "../views/scope-letters.ts";
import type { Listening, Summary } from "./record-output.ts";
import { shellWord } from "../findings/pairing.ts";

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
