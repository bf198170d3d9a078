import type { Subject } from "../filter/fields.ts";
import type { EntryFacts } from "../filter/subject.ts";
import type { Entry } from "../recording/entry.ts";
import type { BodyContent } from "../wire/message.ts";
import { toPrintable } from "./printable.ts";
import { renderDuration, renderOffset, renderSize } from "./quantity.ts";
import { colorsOf, type Style } from "./style.ts";

/** How much of an HTTP body stands in its line. */
const BODY_CHARACTERS = 200;

/** One entry in one line: number, time, connection, side, type, what it is, size, and how long its answer took. */
export function renderFrameLine(entry: Entry, subject: Subject, style: Style): string {
  const arrow = subject.from === "client" ? "->" : "<-";
  const what = describeEntry(entry, subject);
  const facts = [
    subject.sizeBytes > 0 ? renderSize(subject.sizeBytes) : "",
    subject.latencyMs === null ? "" : renderDuration(subject.latencyMs),
    renderResult(subject, style),
  ].filter((fact) => fact !== "");
  return [
    String(entry.entry).padStart(6),
    renderOffset(entry.atMs).padStart(9),
    `c${entry.connection}`.padEnd(4),
    arrow,
    subject.type.padEnd(10),
    [toPrintable(what), ...facts].filter((part) => part !== "").join("  "),
  ]
    .join(" ")
    .trimEnd();
}

/** What an entry is about: the method, the event, or what happened to the connection; not made printable yet. */
export function describeEntry(entry: Entry, subject: EntryFacts): string {
  return entry.kind === "message" ? renderWhat(subject) : renderEntry(entry);
}

function renderWhat({ type, method, event, text }: EntryFacts): string {
  if (type === "close") return text();
  return method ?? event ?? "";
}

function renderEntry(entry: Exclude<Entry, { kind: "message" }>): string {
  switch (entry.kind) {
    case "opened":
      return `${entry.clientAddress ?? "?"} connected to ${entry.gatewayAddress ?? "nowhere"}`;
    case "closed":
      return `closed by ${entry.by} (${entry.error ?? entry.how})`;
    case "http-request":
      return `${entry.method} ${entry.target}`;
    case "http-response":
      return `${entry.status} ${entry.reason}`;
    case "http-body":
      return renderBody(entry.content, entry.omitted);
    case "undecodable":
      return entry.reason;
    case "gap":
      return `${entry.missingEntries} entries are missing: ${entry.reason}`;
  }
}

function renderBody(content: BodyContent | null, omitted: string | null): string {
  if (content === null) return `body not kept: ${omitted ?? "unknown"}`;
  return content.type === "text"
    ? `body ${content.text.slice(0, BODY_CHARACTERS)}`
    : "body, not text";
}

function renderResult({ type, ok, code }: Subject, style: Style): string {
  const colors = colorsOf(style);
  if (type === "res")
    return ok === true ? colors.green("ok") : colors.red(`REFUSED ${toPrintable(code.join(" "))}`);
  return type === "close" ? toPrintable(code.join(" ")) : "";
}
