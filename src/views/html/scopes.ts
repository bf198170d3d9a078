import { nameScopes } from "../../findings/wording.ts";
import { NOT_MEASURED } from "../../gateway/measured.ts";
import { holdsScope } from "../../gateway/scopes.ts";
import type { Finding } from "../../findings/finding.ts";
import type { Connection, Trace } from "../../trace/model.ts";
import { chooseConnections } from "../choose-connections.ts";
import { renderCircumstances, renderClient } from "../connection.ts";
import { renderCount } from "../quantity.ts";
import { renderScopeLetters, SCOPE_LETTERS_LEGEND } from "../scope-letters.ts";
import { isProblem, renderVerdict } from "../verdict.ts";
import type { Anchors } from "./anchors.ts";
import { BOUNDS } from "./bounds.ts";
import { html, type Content, type Markup } from "./markup.ts";
import { renderTableRegion } from "./table.ts";

const VERDICTS =
  "SHORT: requested, but not effective. DENIED: a call needed what was never requested. WIDER: hello-ok reports more than was requested. PAIRING: the device has to be approved first. REFUSED: no connection came about. UNKNOWN: no answer to connect was seen.";

/** The connections of a recording, each with what it asked for, was told, and could really do. */
export function renderScopeTable(
  trace: Trace,
  findings: readonly Finding[],
  anchors: Anchors,
): Markup {
  const { recording, connections } = trace;
  if (connections.length === 0) return html`<p>No connection was recorded.</p>`;
  const shown = chooseConnections(trace, findings, BOUNDS.tableRows);
  const more = connections.length - shown.length;
  const rows = shown.map((connection) => {
    const id = anchors.connection(recording.name, connection.id);
    const name = renderClient(connection);
    return html`<tr data-of="${id}">
      <td>${connection.id}</td>
      <th scope="row">
        ${anchors.has(id) ? html`<a href="#${id}">${name}</a>` : name}<small
          >${renderCircumstances(connection)}</small
        >
      </th>
      ${renderSets(connection)}
      <td>${renderVerdictMark(connection)}</td>
    </tr> `;
  });
  return html`${renderTableRegion("Who connected, and with which scopes", ["#", "Client", "Requested", "Granted", "Effective", "Verdict"], rows)}
    <p class="legend">${SCOPE_LETTERS_LEGEND}</p>
    <p class="legend">${VERDICTS}</p>
    ${more > 0 ? html`<p class="left-out">${renderCount(more, "more connection")} not shown on this page.</p>` : ""}`;
}

/** The verdict on a connection; a problem is marked and not only coloured. */
export function renderVerdictMark(connection: Connection): Markup {
  const verdict = renderVerdict(connection);
  return isProblem(connection)
    ? html`<span class="verdict bad">! ${verdict}</span>`
    : html`<span class="verdict">${verdict}</span>`;
}

function renderSets({ scopes, outcome }: Connection): Content {
  return [
    renderSet(scopes.requested, "not said"),
    renderSet(scopes.granted, "not said"),
    outcome === "accepted" ? renderSet(scopes.effective, "") : html`<td>-</td>`,
  ];
}

function renderSet(scopes: readonly string[] | null, absent: string): Markup {
  const names = scopes === null ? absent : nameScopes(scopes);
  return html`<td><code>${renderScopeLetters(scopes)}</code><small>${names}</small></td>`;
}

/** Every scope that plays a part on one connection: whether it was requested, granted and effective, and what shows it. */
export function renderScopeMatrix({ scopes, outcome }: Connection): Content {
  const { requested, granted, effective, proven, refuted, implies } = scopes;
  const all = [...new Set([requested ?? [], granted ?? [], effective, refuted].flat())];
  if (all.length === 0 || outcome !== "accepted") return "";
  const source = {
    calls: "not proven by a call",
    rule: "this version's rule",
    hello: "hello-ok",
    unknown: "not known",
  }[scopes.effectiveFrom];
  const more = all.length - BOUNDS.scopes;
  const rows = all.slice(0, BOUNDS.scopes).map((scope) => {
    const holds = holdsScope(effective, scope, implies);
    const isUnknown = holds === NOT_MEASURED || (!holds && scopes.effectiveFrom === "unknown");
    const isShort = (requested ?? []).includes(scope) && holds === false && !isUnknown;
    const shownBy = proven.includes(scope)
      ? "a call that was allowed"
      : refuted.includes(scope)
        ? "a call that was refused"
        : source;
    return html`<tr>
      <th scope="row">${scope}</th>
      <td>${say(requested, scope)}</td>
      <td>${say(granted, scope)}</td>
      <td>
        ${isShort ? html`<b class="bad">! no</b>` : isUnknown ? "unknown" : holds ? "yes" : "no"}
      </td>
      <td>${shownBy}</td>
    </tr> `;
  });
  return [
    renderTableRegion(
      "Its scopes",
      ["Scope", "Requested", "Granted", "Effective", "Shown by"],
      rows,
    ),
    more > 0 ? html`<p class="left-out">${renderCount(more, "more scope")} not shown.</p>` : "",
  ];
}

function say(scopes: readonly string[] | null, scope: string): string {
  if (scopes === null) return "not said";
  return scopes.includes(scope) ? "yes" : "no";
}
