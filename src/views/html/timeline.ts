import type { Finding } from "../../findings/finding.ts";
import type { Connection, Rpc, Trace } from "../../trace/model.ts";
import { chooseConnections } from "../choose-connections.ts";
import { renderClient } from "../connection.ts";
import { renderCount, renderDuration, renderOffset } from "../quantity.ts";
import { isFailed, renderResult } from "../rpc-result.ts";
import { PLAIN_STYLE } from "../style.ts";
import { isProblem, renderVerdict } from "../verdict.ts";
import type { Anchors } from "./anchors.ts";
import { BOUNDS } from "./bounds.ts";
import { shareFairly } from "./choose.ts";
import { html, type Content, type Markup } from "./markup.ts";

const LANE = 48;
const BAR_AT = 18;
const BAR = 18;
/** Calls that overlap are drawn in so many rows of a lane. */
const ROWS = 3;
const AXIS = 22;

interface Scale {
  readonly startMs: number;
  readonly spanMs: number;
}

interface Mark {
  readonly rpc: Rpc;
  readonly row: number;
}

/** All connections of a recording over time, with their calls. Positions are percentages, so it fits every window. */
export function renderTimeline(
  trace: Trace,
  findings: readonly Finding[],
  anchors: Anchors,
): Content {
  const lanes = chooseConnections(trace, findings, BOUNDS.lanes);
  if (lanes.length === 0) return "";
  const scale = scaleOf(lanes);
  const wants = new Map(lanes.map(({ id, rpcs }) => [id, rpcs.length]));
  const shares = shareFairly(wants, BOUNDS.marks);
  const marks = lanes.map(({ id, rpcs }) => chooseMarks(rpcs, scale, shares.get(id) ?? 0));
  const drawn = marks.reduce((sum, { length }) => sum + length, 0);
  const calls = lanes.reduce((sum, { rpcs }) => sum + rpcs.length, 0);
  const height = AXIS + lanes.length * LANE;
  const { name } = trace.recording;
  const label = `Timeline: ${renderCount(lanes.length, "connection")} and ${renderCount(drawn, "call")} over ${renderDuration(scale.spanMs)}. The tables say the same in words.`;
  return html`<figure>
    <svg class="timeline" role="img" aria-label="${label}" width="100%" height="${height}">
      ${renderAxis(scale, height)}
      ${lanes.map((connection, index) => renderLane(connection, marks[index] ?? [], { scale, top: AXIS + index * LANE, name, anchors }))}
    </svg>
    <figcaption>
      ${describeLeftOut(trace.connections.length - lanes.length, calls - drawn)}A bar is a
      connection, a mark on it a call; a call that failed is as tall as the bar, with a cross under
      it.
    </figcaption>
  </figure>`;
}

function describeLeftOut(connections: number, calls: number): string {
  const parts = [
    ...(connections > 0 ? [renderCount(connections, "more connection")] : []),
    ...(calls > 0 ? [renderCount(calls, "more call")] : []),
  ];
  return parts.length === 0 ? "" : `Not drawn: ${parts.join("; ")}. `;
}

function scaleOf(connections: readonly Connection[]): Scale {
  let startMs = Infinity;
  let endMs = -Infinity;
  for (const { openedMs, close, rpcs } of connections) {
    startMs = Math.min(startMs, openedMs);
    endMs = Math.max(endMs, close?.atMs ?? openedMs);
    for (const rpc of rpcs) endMs = Math.max(endMs, endOf(rpc));
  }
  return { startMs, spanMs: Math.max(endMs - startMs, 1) };
}

function endOf({ startMs, durationMs, final }: Rpc): number {
  return startMs + (final?.durationMs ?? durationMs ?? 0);
}

function percent(atMs: number, { startMs, spanMs }: Scale): string {
  return `${(((atMs - startMs) / spanMs) * 100).toFixed(2)}%`;
}

// Never nothing: SVG draws no rectangle without a width.
function widthOf(durationMs: number, { spanMs }: Scale): string {
  return `${Math.max((durationMs / spanMs) * 100, 0.1).toFixed(2)}%`;
}

function renderAxis(scale: Scale, height: number): Content {
  const anchorOf = ["start", "middle", "middle", "middle", "end"];
  return anchorOf.map((anchor, index) => {
    const at = `${index * 25}%`;
    const time = renderOffset(scale.startMs + (scale.spanMs * index) / 4);
    return html`<line class="tick" x1="${at}" x2="${at}" y1="16" y2="${height}" /><text
        class="axis"
        x="${at}"
        y="12"
        text-anchor="${anchor}"
        >${time}</text
      > `;
  });
}

function renderLane(
  connection: Connection,
  marks: readonly Mark[],
  place: {
    readonly scale: Scale;
    readonly top: number;
    readonly name: string;
    readonly anchors: Anchors;
  },
): Markup {
  const { scale, top, name, anchors } = place;
  const { id, openedMs, close } = connection;
  const endMs = close?.atMs ?? scale.startMs + scale.spanMs;
  const [x, width] = [percent(openedMs, scale), widthOf(endMs - openedMs, scale)];
  const bad = isProblem(connection);
  const y = top + BAR_AT;
  return html`<g
    ><text class="name${bad ? " bad" : ""}" x="2" y="${top + 14}"
      >#${id} ${renderClient(connection)}, ${bad ? "! " : ""}${renderVerdict(connection)}</text
    ><rect
      class="life${bad ? " bad" : ""}${close === null ? " open" : ""}"
      x="${x}"
      width="${width}"
      y="${y}"
      height="${BAR}"
      rx="2"
    />
    ${marks.map((mark) => renderMark(mark, y, scale, anchors.entry(name, mark.rpc.requestEntry), anchors))}</g
  > `;
}

function renderMark({ rpc, row }: Mark, y: number, scale: Scale, id: string, anchors: Anchors) {
  const failed = isFailed(rpc);
  const x = percent(rpc.startMs, scale);
  const width = widthOf(endOf(rpc) - rpc.startMs, scale);
  const took = rpc.durationMs === null ? "" : ` after ${renderDuration(rpc.durationMs)}`;
  const title = `${renderOffset(rpc.startMs)} ${rpc.method}: ${renderResult(rpc, PLAIN_STYLE)}${took}`;
  const [top, height] = failed ? [y, BAR] : [y + 2 + row * 6, 4];
  const shape = html`<rect
      class="call${failed ? " bad" : ""}"
      x="${x}"
      width="${width}"
      y="${top}"
      height="${height}"
      ><title>${title}</title></rect
    >${failed ? renderCross(x, y + BAR + 10) : ""}`;
  return anchors.has(id) ? html`<a href="#${id}" tabindex="-1">${shape}</a>` : shape;
}

// Under the bar, and within the picture also at its edges.
function renderCross(x: string, y: number): Markup {
  const at = Number.parseFloat(x);
  const anchor = at < 1 ? "start" : at > 99 ? "end" : "middle";
  return html`<text class="cross" x="${x}" y="${y}" text-anchor="${anchor}">×</text>`;
}

// Calls that would be drawn at the same place become one; those that failed go first.
function chooseMarks(rpcs: readonly Rpc[], scale: Scale, count: number): readonly Mark[] {
  const steps = Math.min(500, count);
  const stepOf = (atMs: number) => Math.floor(((atMs - scale.startMs) / scale.spanMs) * steps);
  const busyUntil = Array.from({ length: ROWS }, () => -Infinity);
  const seen = new Set<string>();
  const marks: Mark[] = [];
  for (const rpc of rpcs) {
    const free = busyUntil.findIndex((untilMs) => untilMs <= rpc.startMs);
    const row = free === -1 ? ROWS - 1 : free;
    busyUntil[row] = Math.max(busyUntil[row] ?? 0, endOf(rpc));
    const place = `${isFailed(rpc)} ${row} ${stepOf(rpc.startMs)} ${stepOf(endOf(rpc))}`;
    if (seen.has(place)) continue;
    seen.add(place);
    marks.push({ rpc, row });
  }
  return marks
    .toSorted((left, right) => Number(isFailed(right.rpc)) - Number(isFailed(left.rpc)))
    .slice(0, count);
}
