import type { Subject } from "../../filter/fields.ts";
import { nameScopes } from "../../findings/wording.ts";
import type { Entry } from "../../recording/entry.ts";
import type { Connection, Rpc } from "../../trace/model.ts";
import { entryValue } from "../entry-value.ts";
import { describeEntry } from "../frame-line.ts";
import { toPrintable } from "../printable.ts";
import { renderDuration, renderOffset, renderSize } from "../quantity.ts";
import { renderResult } from "../rpc-result.ts";
import { PLAIN_STYLE } from "../style.ts";
import { BOUNDS } from "./bounds.ts";
import { renderJson, type Room } from "./json.ts";
import { html, whole, type Content, type Markup } from "./markup.ts";

/** An entry with all that is known of it. */
export interface Step {
  readonly id: string;
  readonly entry: Entry;
  readonly subject: Subject;
  readonly rpc: Rpc | null;
  /** Null for what is about the recording as a whole. */
  readonly connection: Connection | null;
}

/** One step of a ladder: an arrow between client and Gateway, or a bar across, that unfolds to the frame itself. */
export function renderStep(step: Step, room: Room): Markup {
  const { id, entry, subject } = step;
  const classes = ["step", shapeOf(step), ...(isBad(step) ? ["bad"] : [])].join(" ");
  return html`<li class="${classes}" id="${id}" data-facts="${whole(renderFacts(subject))}">
    <details>
      <summary>
        <span class="no">#${entry.entry}</span> <span class="at">${renderOffset(entry.atMs)}</span>
        <span class="rung"><span class="label">${renderLabel(step)}</span></span>
      </summary>
      ${renderFrame(entry, room)}
    </details>
  </li> `;
}

function shapeOf({ entry, subject }: Step): string {
  switch (entry.kind) {
    case "message":
      return `from-${entry.from}${subject.type === "event" || subject.type === "control" ? " soft" : ""}`;
    case "http-request":
      return "from-client";
    case "http-response":
      return "from-gateway";
    case "http-body":
      return `from-${entry.from} soft`;
    case "opened":
    case "closed":
    case "undecodable":
    case "gap":
      return "bar";
  }
}

function isBad({ entry, subject, rpc }: Step): boolean {
  return (
    subject.ok === false ||
    subject.type === "unreadable" ||
    (subject.type === "req" && rpc !== null && rpc.ok === null && !rpc.answerLost) ||
    (entry.kind === "closed" && entry.error !== null)
  );
}

function renderLabel(step: Step): Content {
  const { entry, subject } = step;
  const from = shapeOf(step) === "bar" ? "" : html`<span class="sr">${subject.from}: </span>`;
  const type = subject.type === "connection" || entry.kind === "gap" ? "" : `${subject.type} `;
  const took = subject.latencyMs === null ? "" : ` after ${renderDuration(subject.latencyMs)}`;
  const result = renderOutcome(step);
  return [
    from,
    html`<span class="type">${type}</span>`,
    html`<b>${describeEntry(entry, subject)}</b>`,
    result === "" ? "" : html` <span class="result">${result}</span>`,
    html`<span class="took">${took}</span>`,
  ];
}

// What the step means for its call or for the handshake.
function renderOutcome({ entry, subject, rpc, connection }: Step): string {
  const { scopes, handshake } = connection ?? {};
  if (entry.entry === handshake?.connectEntry)
    return `requests ${nameScopes(scopes?.requested ?? null)}`;
  if (entry.entry === handshake?.answerEntry) {
    if (handshake.refusal !== null)
      return `REFUSED ${handshake.refusal.message || handshake.refusal.code}`;
    const granted = scopes?.granted ?? null;
    return `hello-ok, grants ${granted === null ? "not said" : nameScopes(granted)}`;
  }
  if (subject.type === "close") return subject.code.join(" ");
  if (subject.type === "http") return "";
  if (rpc === null)
    return subject.ok === null ? "" : subject.ok ? "ok" : `REFUSED ${subject.code.join(" ")}`;
  if (subject.type === "req")
    return rpc.ok === null ? (rpc.answerLost ? "answer not recorded" : "no answer") : "";
  if (entry.entry === rpc.final?.responseEntry)
    return rpc.final.ok ? "done" : `FAILED ${rpc.final.error?.message ?? ""}`.trimEnd();
  return renderResult({ ...rpc, final: null }, PLAIN_STYLE);
}

function renderFrame(entry: Entry, room: Room): Markup {
  const facts = [
    ...("from" in entry ? [`from the ${entry.from === "client" ? "client" : "Gateway"}`] : []),
    ...("sizeBytes" in entry ? [renderSize(entry.sizeBytes)] : []),
    ...("redacted" in entry && entry.redacted ? ["credentials redacted"] : []),
  ].join(", ");
  const meta = html`<p class="meta">entry ${entry.entry}${facts === "" ? "" : `, ${facts}`}</p>`;
  if (room.left <= 0)
    return html`<div class="frame">
      ${meta}
      <p>Its content is left out to keep the page small.</p>
    </div>`;
  const own = { left: Math.min(room.left, BOUNDS.oneFrame) };
  room.left -= own.left;
  const json = renderJson(entryValue(entry), own);
  room.left += own.left;
  return html`<div class="frame">${meta}${json}</div>`;
}

// What the page's filter asks of a step. All text is as the page shows it; what is absent is left out.
function renderFacts(subject: Subject): string {
  const { text: _, ...facts } = subject;
  return JSON.stringify(facts, (_key, value: unknown) => {
    if (typeof value === "string") return toPrintable(value.slice(0, BOUNDS.factCharacters));
    if (!Array.isArray(value)) return value ?? undefined;
    return value.length === 0 ? undefined : value.slice(0, BOUNDS.factElements);
  });
}
