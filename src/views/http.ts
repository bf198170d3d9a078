import { renderClient } from "./connection.ts";
import { toPrintable } from "./printable.ts";
import { renderCount, renderDuration, renderOffset } from "./quantity.ts";
import { colorsOf, renderTable } from "./style.ts";
import type { Connection, HttpCall, Trace } from "../trace/model.ts";
import type { Style } from "./style.ts";

const MAX_HTTP_CALLS = 40;
const HEAD = ["TIME", "ID", "REQUEST", "TOOK", "STATUS"];
const MAX_DURING = 4;

interface HttpTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly more: number;
}

/** The plain HTTP calls of a recording, each with the connections that a backend opened while it waited: most likely it caused them. */
export function renderHttp(trace: Trace, style: Style): string {
  const { head, rows, more } = buildHttpTable(trace, style);
  if (rows.length === 0) return "";
  return [
    colorsOf(style).bold("HTTP"),
    renderTable([head, ...rows]),
    ...(more > 0 ? [`  … and ${renderCount(more, "more call")}; --json lists them all.`] : []),
  ].join("\n");
}

/** The same as cells that are printable: a head, the first calls, and how many more there are. */
export function buildHttpTable({ connections }: Trace, style: Style): HttpTable {
  const calls = connections
    .flatMap(({ id, http }) => http.map((call) => ({ id, call })))
    .toSorted((left, right) => left.call.startMs - right.call.startMs);
  const rows = calls
    .slice(0, MAX_HTTP_CALLS)
    .map(({ id, call }) => [
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
    more: calls.length - rows.length,
  };
}

function renderStatus({ status }: HttpCall, style: Style): string {
  const colors = colorsOf(style);
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
