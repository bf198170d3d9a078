import type { Entry } from "../../recording/entry.ts";
import type { Connection } from "../../trace/model.ts";
import { moveCursor, scrollTo } from "./cursor.ts";
import { buildDiffRows, isChange } from "../lines/diff.ts";
import { describeHandshake } from "../../diff/compare-handshakes.ts";
import { renderResult } from "../../views/rpc-result.ts";
import { PLAIN_STYLE } from "../../views/style.ts";
import { entryValue } from "../../views/entry-value.ts";
import type { Action } from "../keymap.ts";
import { withEffect } from "../message.ts";
import { pageHeight, type DiffPage, type DiffSide } from "../page.ts";
import type { State } from "../state.ts";

/** Asks for the two frames to compare: the one marked last and the selected one. In Diagnosis, the two sides of the contrast. */
export function askForDiff(state: State): State {
  if (state.focus === "diagnosis") return diffContrast(state);
  if (state.focus === "connections") return diffConnections(state);
  const { selected } = state.frames;
  const marked = [...state.marks].findLast((entry) => entry !== selected);
  if (selected === null || marked === undefined)
    return { ...state, notice: "mark another frame with m first, then d compares" };
  return withEffect(state, { type: "diff", a: marked, b: selected });
}

/** Shows two frames side by side. */
export function showFrameDiff(state: State, a: Entry, b: Entry): State {
  return openDiff(state, sideOf(state, a), sideOf(state, b));
}

/** What a key does while a diff is shown; null when it means nothing there. */
export function updateDiff(state: State, page: DiffPage, action: Action): State | null {
  const height = pageHeight(state);
  const moved = moveCursor(page.cursor, page.rows.length, height, action);
  if (moved !== null) return { ...state, page: settleDiff(state, { ...page, cursor: moved }) };
  switch (action) {
    case "find-next":
      return goToChange(state, page, 1);
    case "find-previous":
      return goToChange(state, page, -1);
    case "swap":
      return openDiff(state, page.b, page.a, page.strict);
    case "strict":
      return openDiff(state, page.a, page.b, !page.strict);
    default:
      return null;
  }
}

/** The changes of a diff as text to paste: a line each. */
export function renderPatch({ a, b, rows }: DiffPage): string {
  const lines = rows.filter(isChange).map(({ path, mark, a: left, b: right }) => {
    if (mark === "added") return `+ ${path}  ${right ?? ""}`;
    return mark === "removed"
      ? `- ${path}  ${left ?? ""}`
      : `~ ${path}  ${left ?? ""}  ->  ${right ?? ""}`;
  });
  return [`A ${a.name}`, `B ${b.name}`, ...lines, ""].join("\n");
}

function openDiff(state: State, a: DiffSide, b: DiffSide, strict = false): State {
  const rules = { strict, redacted: a.redacted || b.redacted };
  const rows = buildDiffRows(a.value, b.value, rules);
  const cursor = Math.max(0, rows.findIndex(isChange));
  const page: DiffPage = { kind: "diff", a, b, rows, strict, cursor, top: 0 };
  return { ...state, page: settleDiff(state, page) };
}

function settleDiff(state: State, page: DiffPage): DiffPage {
  const top = scrollTo(page.top, page.cursor, pageHeight(state), page.rows.length);
  return { ...page, top };
}

function goToChange(state: State, page: DiffPage, step: 1 | -1): State {
  const { rows } = page;
  for (let distance = 1; distance <= rows.length; distance++) {
    const cursor = (page.cursor + step * distance + rows.length * distance) % rows.length;
    const row = rows[cursor];
    if (row !== undefined && isChange(row))
      return { ...state, page: settleDiff(state, { ...page, cursor }) };
  }
  return { ...state, notice: "nothing differs but what is new in every run; i shows that too" };
}

function sideOf({ source }: State, entry: Entry): DiffSide {
  const { type, what, connection } = source.row(entry.entry);
  const redacted = "redacted" in entry && entry.redacted;
  return {
    name: `#${entry.entry} c${connection} ${type} ${what}`,
    value: entryValue(entry),
    redacted,
  };
}

function diffContrast(state: State): State {
  const finding = state.recording.findings[state.diagnosis.finding];
  const contrast = finding?.contrast ?? null;
  const failed = connectionById(state, finding?.connection ?? null);
  if (contrast === null || contrast.recording !== state.recording.name || failed === undefined)
    return { ...state, notice: "no call like this one succeeded in this recording" };
  const succeeded = connectionById(state, contrast.connection);
  return succeeded === undefined ? state : openConnectionDiff(state, failed, succeeded);
}

function diffConnections(state: State): State {
  const { marked, selected } = state.connections;
  const [a, b] = [connectionById(state, marked), connectionById(state, selected)];
  if (a === undefined || b === undefined || a === b)
    return { ...state, notice: "mark another connection with m first, then d compares" };
  return openConnectionDiff(state, a, b);
}

function openConnectionDiff(state: State, a: Connection, b: Connection): State {
  const isRedacted = state.recording.header.redaction !== "off";
  const side = (connection: Connection): DiffSide => ({
    name: `c${connection.id} ${connection.handshake.connect?.client.id ?? ""}`.trimEnd(),
    value: describeConnection(connection),
    redacted: isRedacted,
  });
  return openDiff(state, side(a), side(b));
}

function connectionById({ recording }: State, id: number | null): Connection | undefined {
  return recording.trace.connections.find((connection) => connection.id === id);
}

const MAX_CALLS = 200;

// What tells two connections apart; numbers of entries and times are new in every run.
function describeConnection(connection: Connection): unknown {
  return {
    ...describeHandshake(connection),
    calls: connection.rpcs
      .slice(0, MAX_CALLS)
      .map((rpc) => `${rpc.method}: ${renderResult(rpc, PLAIN_STYLE)}`),
    events: connection.events.map(({ event }) => event),
  };
}
