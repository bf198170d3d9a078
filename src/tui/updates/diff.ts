import type { Entry } from "../../recording/entry.ts";
import type { Connection } from "../../trace/model.ts";
import { moveCursor, scrollTo } from "./cursor.ts";
import { buildDiffRows, isChange } from "../lines/diff.ts";
import { entryValue } from "../../views/entry-value.ts";
import type { Action } from "../keymap.ts";
import type { Step } from "../message.ts";
import type { DiffPage, DiffSide } from "../page.ts";
import { pageHeight } from "../page-size.ts";
import type { State } from "../state.ts";

/** Asks for the two frames to compare: the one marked last and the selected one. In Diagnosis, the two sides of the contrast. */
export function askForDiff(state: State): Step {
  if (state.focus === "diagnosis") return { state: diffContrast(state), effects: [] };
  if (state.focus === "connections") return { state: diffConnections(state), effects: [] };
  const { selected } = state.frames;
  const marked = [...state.marks].findLast((entry) => entry !== selected);
  if (selected === null || marked === undefined)
    return {
      state: { ...state, notice: "mark another frame with m first, then d compares" },
      effects: [],
    };
  return { state, effects: [{ type: "diff", a: marked, b: selected }] };
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
  const { type, method, connection } = source.row(entry.entry);
  const redacted = "redacted" in entry && entry.redacted;
  return {
    name: `#${entry.entry} c${connection} ${type} ${method}`,
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

// What tells two connections apart, in the words of the trace; numbers of entries and times are new in every run.
function describeConnection(connection: Connection): unknown {
  const { handshake, upgrade, scopes, rpcs, events, close } = connection;
  const { connect, hello, refusal } = handshake;
  return {
    client: connect?.client ?? null,
    role: connect?.role ?? null,
    device: connect?.device?.id ?? null,
    credentials: connect?.authKinds ?? [],
    requested: scopes.requested,
    granted: scopes.granted,
    effective: scopes.effective,
    gateway: hello?.serverVersion ?? null,
    protocol: hello?.protocol ?? null,
    refusal: refusal === null ? null : { code: refusal.code, message: refusal.message },
    peerIsLoopback: connection.peerIsLoopback,
    origin: upgrade?.origin ?? null,
    forwardingHeaders: upgrade?.forwardingHeaders ?? [],
    outcome: connection.outcome,
    calls: rpcs
      .slice(0, MAX_CALLS)
      .map(
        ({ method, ok, error, answerLost }) =>
          `${method}: ${ok === true ? "ok" : (error?.message ?? (answerLost ? "not recorded" : "no answer"))}`,
      ),
    events: events.map(({ event }) => event),
    close: close === null ? null : { code: close.code, reason: close.reason, by: close.by },
  };
}
