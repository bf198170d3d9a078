import type { Contrast, Finding } from "../../findings/finding.ts";
import { renderCount, tally } from "../quantity.ts";
import type { Anchors } from "./anchors.ts";
import { BOUNDS } from "./bounds.ts";
import { MAX_EVIDENCE } from "./choose.ts";
import { html, type Content, type Markup } from "./markup.ts";
import { renderTableRegion } from "./table.ts";

/** Lines at the top of the page; what is said below is the whole. */
const MAX_SUMMARY_LINES = 12;

/** What went wrong, in a line for each kind with a link to the first finding that tells it; for the top of the page. */
export function renderSummary(findings: readonly Finding[], nameRecordings: boolean): Markup {
  const groups = new Map<string, { readonly number: number; readonly all: Finding[] }>();
  for (const [index, finding] of findings.entries()) {
    if (finding.severity === "info") continue;
    const key = `${finding.recording}\n${finding.severity} ${finding.title}`;
    const group = groups.get(key) ?? { number: index + 1, all: [] };
    group.all.push(finding);
    groups.set(key, group);
  }
  if (groups.size === 0) return html`<p class="good">Nothing went wrong in this recording.</p>`;
  const more = groups.size - MAX_SUMMARY_LINES;
  return html`<ul class="summary">
    ${[...groups.values()]
      .slice(0, MAX_SUMMARY_LINES)
      .map(({ number, all }) => renderSummaryLine(number, all, nameRecordings))}
    ${more > 0 ? html`<li>and ${more.toLocaleString("en-US")} more</li>` : ""}
  </ul>`;
}

function renderSummaryLine(
  number: number,
  findings: readonly Finding[],
  nameRecording: boolean,
): Content {
  const [finding] = findings;
  if (finding === undefined) return "";
  const { severity, title, recording } = finding;
  const place = [nameConnections(findings), ...(nameRecording ? [`of ${recording}`] : [])];
  const where = place.join(" ").trim();
  // Beyond the findings that are told there is no place to lead to.
  const what = number > BOUNDS.findings ? title : html`<a href="#f${number}">${title}</a>`;
  return html`<li>
    <b class="${severity}">${severity}</b> ${what}${where === "" ? "" : ` (${where})`}
  </li> `;
}

function nameConnections(findings: readonly Finding[]): string {
  const connections = findings.map(({ connection }) => connection).filter((id) => id !== null);
  if (connections.length === 0) return "";
  if (connections.length > 4) return renderCount(connections.length, "connection");
  return `connection${connections.length === 1 ? "" : "s"} ${connections.join(", ")}`;
}

/** Every finding in full: what, why, fix, links to the entries that prove it, and the contrast. */
export function renderFindings(
  findings: readonly Finding[],
  anchors: Anchors,
  nameRecordings: boolean,
): Markup {
  if (findings.length === 0) return html`<p>none</p>`;
  const told = findings.slice(0, BOUNDS.findings);
  const more = findings.length - told.length;
  return html`${told.map((finding, index) => renderFinding(finding, index + 1, anchors, nameRecordings))}
  ${more > 0 ? html`<p class="left-out">${renderCount(more, "more finding")} not shown on this page: ${tally(findings.slice(BOUNDS.findings).map(({ code }) => code)).join(", ")}.</p>` : ""}`;
}

function renderFinding(
  finding: Finding,
  number: number,
  anchors: Anchors,
  nameRecording: boolean,
): Markup {
  const { recording, connection, severity } = finding;
  const of = connection === null ? "" : anchors.connection(recording, connection);
  const place = connection === null ? "" : link(of, `connection ${connection}`, anchors);
  return html`<article class="finding ${severity}" id="f${number}" data-of="${of}">
    <h3><span class="badge">${severity}</span> ${finding.title}</h3>
    <dl>
      <dt>why</dt>
      <dd>${finding.why}</dd>
      <dt>fix</dt>
      <dd>${finding.fix}</dd>
      <dt>where</dt>
      <dd>
        ${nameRecording ? [recording, place === "" ? "" : ", "] : ""}${place === "" && !nameRecording ? "the recording as a whole" : place}
      </dd>
      ${
        finding.evidence.length === 0
          ? ""
          : html`<dt>evidence</dt>
              <dd>${renderEvidence(recording, finding.evidence, anchors)}</dd>`
      }
      <dt>code</dt>
      <dd><code>${finding.code}</code></dd>
    </dl>
    ${finding.contrast === null ? "" : renderContrast(finding.contrast, anchors)}
  </article> `;
}

function renderEvidence(recording: string, evidence: readonly number[], anchors: Anchors): Content {
  const shown = evidence.slice(0, MAX_EVIDENCE);
  const more = evidence.length - shown.length;
  return [
    evidence.length === 1 ? "entry " : "entries ",
    shown.map((entry, index) => [
      index === 0 ? "" : ", ",
      link(anchors.entry(recording, entry), `${entry}`, anchors),
    ]),
    more > 0 ? ` and ${more} more` : "",
  ];
}

function renderContrast(contrast: Contrast, anchors: Anchors): Markup {
  const { method, recording, connection, evidence, differences } = contrast;
  const id = anchors.connection(recording, connection);
  const where = html`<b>Contrast:</b> ${method} succeeded on
    ${link(id, `connection ${connection}`, anchors)} of ${recording}
    (${renderEvidence(recording, evidence, anchors)})`;
  if (differences.length === 0) return html`<p>${where}, with the same handshake.</p>`;
  const rows = differences.map(
    ({ field, failed, succeeded }) =>
      html`<tr>
        <th scope="row">${field}</th>
        <td>${failed}</td>
        <td>${succeeded}</td>
      </tr> `,
  );
  return html`<p>${where}. Most likely cause first:</p>
    ${renderTableRegion("How the handshakes differ", ["Differs in", "Here", "There"], rows)}`;
}

function link(id: string, text: string, anchors: Anchors): Content {
  return anchors.has(id) ? html`<a href="#${id}">${text}</a>` : text;
}
