import { renderClient } from "./connection.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderDuration, renderOffset, renderSize } from "./quantity.ts";
import { colorsOf, renderParagraph, renderTable } from "./style.ts";
import type { Connection, HttpBody, HttpCall, Trace } from "../trace/model.ts";
import type { Style } from "./style.ts";

const MAX_HTTP_CALLS = 40;
const HEAD = ["TIME", "ID", "REQUEST", "TOOK", "STATUS"];
const MAX_DURING = 4;
const BODY_INDENT = 4;
const BODY_CHARACTERS = 300;

interface HttpTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The calls that the rows are about. */
  readonly calls: readonly HttpCall[];
  readonly more: number;
}

/** The plain HTTP calls of a recording, each with the connections that a backend opened while it waited: most likely it caused them. */
export function renderHttp(trace: Trace, style: Style): string {
  const { head, rows, calls, more } = buildHttpTable(trace, style);
  if (rows.length === 0) return "";
  const [title = "", ...lines] = renderTable([head, ...rows]).split("\n");
  return [
    colorsOf(style).bold("HTTP"),
    title,
    ...lines.flatMap((line, index) => [line, ...renderBodies(calls[index], style)]),
    ...(more > 0 ? [`  … and ${renderCount(more, "more call")}; --json lists them all.`] : []),
  ].join("\n");
}

/** The same as cells that are printable: a head, the first calls, and how many more there are. */
export function buildHttpTable({ connections }: Trace, style: Style): HttpTable {
  const calls = connections
    .flatMap(({ id, http }) => http.map((call) => ({ id, call })))
    .toSorted((left, right) => left.call.startMs - right.call.startMs);
  const shown = calls.slice(0, MAX_HTTP_CALLS);
  const rows = shown.map(({ id, call }) => [
    renderOffset(call.startMs),
    `${id}`,
    toPrintable(`${call.method} ${call.target}`),
    call.durationMs === null ? "" : renderDuration(call.durationMs),
    renderStatus(call, style),
    renderDuring(call, connections),
  ]);
  const hasDuring = rows.some((row) => row.at(-1) !== "");
  return {
    head: hasDuring ? [...HEAD, "MEANWHILE"] : HEAD,
    rows: hasDuring ? rows : rows.map((row) => row.slice(0, -1)),
    calls: shown.map(({ call }) => call),
    more: calls.length - rows.length,
  };
}

function renderBodies(call: HttpCall | undefined, style: Style): readonly string[] {
  return [
    ...renderBody("->", call?.requestBody ?? null, style),
    ...renderBody("<-", call?.responseBody ?? null, style),
  ];
}

function renderBody(arrow: string, body: HttpBody | null, style: Style): readonly string[] {
  if (body === null) return [];
  const { start, omitted, sizeBytes } = body;
  const size = renderSize(sizeBytes);
  const text =
    start === null
      ? `${size}, ${omitted === null ? "not text" : `not kept: ${omitted}`}`
      : `${size}  ${start.slice(0, BODY_CHARACTERS)}${start.length > BODY_CHARACTERS ? "…" : ""}`;
  const dim = colorsOf(style).dim(toPrintable(text));
  return [renderParagraph(`${arrow} `, dim, style, BODY_INDENT, true)];
}

function renderStatus({ status, answerLost }: HttpCall, style: Style): string {
  const colors = colorsOf(style);
  if (answerLost) return colors.yellow("not recorded");
  if (status === null) return colors.yellow("no answer");
  return status >= 400 ? colors.red(`${status}`) : `${status}`;
}

function renderDuring(
  { startMs, durationMs }: HttpCall,
  connections: readonly Connection[],
): string {
  if (durationMs === null) return "";
  const during = connections.filter(
    ({ openedMs, handshake }) =>
      handshake.connect?.client.mode === "backend" &&
      openedMs >= startMs &&
      openedMs <= startMs + durationMs,
  );
  const named = during.slice(0, MAX_DURING).map((connection) => {
    const methods = connection.rpcs.map(({ method }) => toPrintable(method)).join(" ");
    return `#${connection.id} ${methods || renderClient(connection)}`;
  });
  const more = during.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}
