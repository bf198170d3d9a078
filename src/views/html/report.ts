import type { Finding } from "../../findings/finding.ts";
import type { Entry } from "../../recording/entry.ts";
import type { Connection, Trace } from "../../trace/model.ts";
import { chooseConnections } from "../choose-connections.ts";
import { renderCircumstances, renderClient } from "../connection.ts";
import { tellConnection } from "../explain.ts";
import { countFindings, renderFindingCounts } from "../info.ts";
import { renderCount } from "../quantity.ts";
import { describeRecording } from "../recording-facts.ts";
import { Anchors } from "./anchors.ts";
import { BOUNDS } from "./bounds.ts";
import { renderCalls, renderHttpCalls } from "./calls.ts";
import { renderFindings, renderSummary } from "./findings.ts";
import { Ladders } from "./ladder.ts";
import { html, type Content, type Markup } from "./markup.ts";
import { renderDocument } from "./document.ts";
import { renderScopeMatrix, renderScopeTable, renderVerdictMark } from "./scopes.ts";
import { renderSharingNotes } from "./sharing.ts";

/**
 * One page about recordings that needs nothing but a browser. Feed every entry of every recording, then render: only what the page
 * shows is kept meanwhile, so that its size and the memory it takes have bounds whatever was recorded.
 */
export class HtmlReport {
  readonly #traces: readonly Trace[];
  readonly #findings: readonly Finding[];
  readonly #anchors: Anchors;
  readonly #ladders: readonly Ladders[];

  constructor(traces: readonly Trace[], findings: readonly Finding[]) {
    this.#traces = traces;
    this.#findings = findings;
    this.#anchors = new Anchors(traces.map(({ recording }) => recording.name));
    this.#ladders = traces.map((trace) => new Ladders(trace, findings, this.#anchors));
    for (const trace of traces) {
      for (const { id } of chooseConnections(trace, findings, BOUNDS.connections))
        this.#anchors.add(this.#anchors.connection(trace.recording.name, id));
    }
  }

  /** Takes in the next entry of the recording at that index. */
  add(index: number, entry: Entry): void {
    this.#ladders[index]?.add(entry);
  }

  /** The whole page. `script` is the compiled filter of `src/page`; the page says all it has to say without it, too. */
  render(script: string): string {
    const names = this.#traces.map(({ recording }) => recording.name).join(", ");
    const counts = renderFindingCounts({ findings: countFindings(this.#findings), whole: true });
    const several = this.#traces.length > 1;
    const notes = renderSharingNotes(this.#traces.map(({ recording }) => recording));
    const body = html`<header>
        <p class="kind">gw-trace report</p>
        <h1>${names}: ${counts}</h1>
        ${notes.warning} ${renderSummary(this.#findings, several)}
        ${this.#traces.map((trace) => renderFacts(trace, several))} ${notes.others}
      </header>
      ${FILTER}
      <main>
        <section aria-labelledby="findings">
          <h2 id="findings">Findings</h2>
          ${renderFindings(this.#findings, this.#anchors, several)}
        </section>
        ${this.#traces.map((trace, index) => this.#renderRecording(trace, index))}
      </main> `;
    return renderDocument(`${names}: ${counts}`, body, script);
  }

  #renderRecording(trace: Trace, index: number): Markup {
    const { recording, connections } = trace;
    const of = this.#traces.length > 1 ? ` of ${recording.name}` : "";
    const told = chooseConnections(trace, this.#findings, BOUNDS.connections);
    const more = connections.length - told.length;
    const general = this.#ladders[index]?.steps(0) ?? [];
    return html`<section aria-labelledby="r${index + 1}-connections">
        <h2 id="r${index + 1}-connections">Connections${of}</h2>
        ${renderScopeTable(trace, this.#findings, this.#anchors)}
      </section>
      <section aria-labelledby="r${index + 1}-calls">
        <h2 id="r${index + 1}-calls">Calls${of}</h2>
        ${renderCalls(trace, this.#anchors)} ${renderHttpCalls(trace)}
      </section>
      <section aria-labelledby="r${index + 1}-ladders">
        <h2 id="r${index + 1}-ladders">What was said${of}</h2>
        <p class="legend">
          Time runs downwards. The left line is the client, the right one the Gateway. Open a step
          to read the frame.
        </p>
        ${
          general.length === 0
            ? ""
            : html`<h3>The recording as a whole</h3>
                <ol class="ladder">
                  ${general}
                </ol>`
        }
        ${told.map((connection) => this.#renderConnection(recording.name, connection, index))}
        ${more > 0 ? html`<p class="left-out">${renderCount(more, "more connection")} not shown on this page.</p>` : ""}
      </section> `;
  }

  #renderConnection(recording: string, connection: Connection, index: number): Markup {
    const id = this.#anchors.connection(recording, connection.id);
    const version = connection.handshake.hello?.serverVersion;
    const gateway = version === null || version === undefined ? "Gateway" : `Gateway ${version}`;
    return html`<section
      class="connection"
      id="${id}"
      data-of="${id}"
      aria-labelledby="${id}-title"
    >
      <h3 id="${id}-title">
        Connection ${connection.id}: ${renderClient(connection)} ${renderVerdictMark(connection)}
      </h3>
      <p class="meta">${renderCircumstances(connection)}</p>
      ${renderScopeMatrix(connection)}
      <details class="story">
        <summary>In plain sentences</summary>
        <ul>
          ${tellConnection(connection).map((sentence) => html`<li>${sentence}</li>`)}
        </ul>
      </details>
      <p class="ends" aria-hidden="true">
        <span>${connection.handshake.connect?.client.id ?? "client"}</span><span>${gateway}</span>
      </p>
      <ol class="ladder">
        ${this.#ladders[index]?.steps(connection.id) ?? []}
      </ol>
    </section> `;
  }
}

// Hidden until the script shows it: without a script it could do nothing.
const FILTER = html`<form id="filter" role="search" hidden>
  <label for="expression">Filter</label>
  <input
    id="expression"
    type="search"
    autocomplete="off"
    autocapitalize="off"
    spellcheck="false"
    placeholder="type==res &amp;&amp; !ok"
    aria-describedby="filter-status filter-help"
  />
  <button type="button" id="unfold">Unfold frames</button>
  <button type="button" id="fold">Fold frames</button>
  <output id="filter-status" role="status"></output>
  <details id="filter-help">
    <summary>What it understands</summary>
    <p>
      The language of <code>gw-trace show --filter</code>: fields
      <code>conn method event type ok code scope client role from id size latency finding</code>,
      compared with <code>== != ~ &lt; &gt; in</code>, combined with
      <code>&amp;&amp; || !</code> and parentheses. A bare word is looked for in what this page
      shows of a frame. Examples: <code>method~sessions</code>, <code>latency&gt;100ms</code>,
      <code>finding==missing-scope</code>, <code>conn in [1, 2]</code>.
    </p>
  </details>
</form>`;

function renderFacts(trace: Trace, nameIt: boolean): Content {
  const facts = [
    ...(nameIt ? [["recording", trace.recording.name] as const] : []),
    ...describeRecording(trace),
  ];
  return html`<dl class="facts">
    ${facts.map(
      ([word, what]) =>
        html`<dt>${word}</dt>
          <dd class="${word}">${what}</dd>`,
    )}
  </dl>`;
}
