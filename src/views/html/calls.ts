import type { Rpc, Trace } from "../../trace/model.ts";
import { buildHttpTable } from "../http.ts";
import { renderCount, renderDuration, renderOffset } from "../quantity.ts";
import { isFailed, renderResult } from "../rpc-result.ts";
import { PLAIN_STYLE } from "../style.ts";
import type { Anchors } from "./anchors.ts";
import { BOUNDS } from "./bounds.ts";
import { html, type Content, type Markup } from "./markup.ts";
import { renderTableRegion } from "./table.ts";

/** The calls of a recording as a table, in order of time; of very many those that failed and the first of the others. */
export function renderCalls({ recording, connections }: Trace, anchors: Anchors): Content {
  const all = connections.flatMap(({ rpcs }) => rpcs);
  if (all.length === 0) return html`<p>No call was recorded.</p>`;
  const failed = all.filter(isFailed);
  const good = all.filter((rpc) => !isFailed(rpc));
  const shown = [failed, good]
    .flatMap((rpcs) => byTime(rpcs).slice(0, BOUNDS.calls))
    .toSorted((left, right) => left.startMs - right.startMs);
  const rows = byTime(shown).map((rpc) => renderCall(rpc, recording.name, anchors));
  const more = all.length - shown.length;
  const moreFailed = Math.max(0, failed.length - BOUNDS.calls);
  return [
    renderTableRegion("Calls", ["Time", "#", "Method", "Took", "Result", "Entries"], rows),
    more > 0
      ? html`<p class="left-out">
          ${renderCount(more, "more call")} not shown in this table,
          ${moreFailed === 0 ? "none" : moreFailed.toLocaleString("en-US")} of them failed.
        </p>`
      : "",
  ];
}

/** The plain HTTP calls of a recording as a table. */
export function renderHttpCalls(trace: Trace): Content {
  const { head, rows, more } = buildHttpTable(trace, PLAIN_STYLE);
  if (rows.length === 0) return "";
  const words = head.map((word) => word.charAt(0) + word.slice(1).toLowerCase());
  return [
    renderTableRegion(
      "HTTP calls",
      words,
      rows.map(
        (row) =>
          html`<tr>
            ${row.map((cell) => html`<td>${cell}</td>`)}
          </tr> `,
      ),
    ),
    more > 0
      ? html`<p class="left-out">${renderCount(more, "more call")} not shown in this table.</p>`
      : "",
  ];
}

function renderCall(rpc: Rpc, recording: string, anchors: Anchors): Markup {
  const entries = [rpc.requestEntry, rpc.responseEntry, rpc.final?.responseEntry ?? null]
    .filter((entry) => entry !== null)
    .map((entry) => {
      const id = anchors.entry(recording, entry);
      return anchors.has(id) ? html`<a href="#${id}">${entry}</a> ` : `${entry} `;
    });
  const result = renderResult(rpc, PLAIN_STYLE);
  return html`<tr data-of="${anchors.connection(recording, rpc.connection)}">
    <td>${renderOffset(rpc.startMs)}</td>
    <td>${rpc.connection}</td>
    <th scope="row">${rpc.method}</th>
    <td>${rpc.durationMs === null ? "" : renderDuration(rpc.durationMs)}</td>
    <td>${isFailed(rpc) ? html`<b class="bad">${result}</b>` : result}</td>
    <td>${entries}</td>
  </tr> `;
}

function byTime(rpcs: readonly Rpc[]): readonly Rpc[] {
  return rpcs.toSorted((left, right) => left.startMs - right.startMs);
}
