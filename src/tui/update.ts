import { settleConnections } from "./updates/connections.ts";
import { moveCursor } from "./updates/cursor.ts";
import { settleDetail, showEntry } from "./updates/detail.ts";
import { settleDiagnosis, showFinding } from "./updates/diagnosis.ts";
import { chooseCopy } from "./updates/copy.ts";
import { showFrameDiff } from "./updates/diff.ts";
import { settleFind } from "./updates/find.ts";
import {
  isScanning,
  isSearching,
  restartList,
  settleFrames,
  takeMatches,
} from "./updates/frames-list.ts";
import { helpLines } from "./lines/help.ts";
import { settleLadder } from "./updates/ladder.ts";
import { openText, updatePage } from "./updates/page.ts";
import { updatePalette } from "./updates/palette.ts";
import { findAction, renderKey } from "./keymap.ts";
import type { Effect, Message, Step } from "./message.ts";
import { clickAt } from "./updates/mouse.ts";
import { perform } from "./updates/perform.ts";
import { pasteIntoPrompt, updatePrompt } from "./updates/prompt.ts";
import type { RecordingState, State } from "./state.ts";

/** The state after something happened, and what to do beside it. Pure: the same input gives the same step. */
export function update(state: State, message: Message): Step {
  const step = handle(state, message);
  return settle(state, step);
}

function handle(state: State, message: Message): Step {
  switch (message.type) {
    case "key":
      return handleKey({ ...state, notice: "", touched: true }, message.key, message.text);
    case "paste":
      return keep(
        state.prompt === null ? state : pasteIntoPrompt(state, state.prompt, message.text),
      );
    case "mouse":
      return clickAt({ ...state, notice: "", touched: true }, message);
    case "resize":
      return keep({ ...state, size: { columns: message.columns, rows: message.rows } });
    case "recording":
      return keep(takeRecording(state, message.recording));
    case "entry":
      return keep(showEntry(state, message.entry));
    case "notice":
      return keep({ ...state, notice: message.text });
    case "task":
      return keep({ ...state, task: message.task });
    case "matched":
      return keep(takeMatches(state, message));
    case "diff":
      return keep(showFrameDiff(state, message.a, message.b));
    case "text":
      return keep(openText(state, message));
    case "live":
      return keep({ ...state, live: message.live });
    case "hangup":
      return { state, effects: [{ type: "quit" }] };
    case "scan":
      return keep(state);
  }
}

function handleKey(state: State, key: string, text: string | null): Step {
  if (state.prompt !== null) return updatePrompt(state, state.prompt, key, text);
  if (state.menu !== null) return chooseCopy(state, key);
  if (state.palette !== null) return updatePalette(state, state.palette, key, text);
  if (state.help !== null) return keep(updateHelp(state, state.help, key, text));
  const action = findAction(key, state.page === null ? state.focus : "frames");
  if (action === null) return keep({ ...state, notice: `${renderKey(key)} is not bound: ? helps` });
  if (state.page !== null) return updatePage(state, state.page, action);
  return perform(state, action);
}

function updateHelp(
  state: State,
  { query, top }: { query: string; top: number },
  key: string,
  text: string | null,
): State {
  if (key === "escape" || key === "C-c") return { ...state, help: null };
  if (key === "backspace") return { ...state, help: { query: query.slice(0, -1), top: 0 } };
  if (text !== null && key !== " ") return { ...state, help: { query: query + text, top: 0 } };
  const height = Math.max(1, state.size.rows - 6);
  const action = findAction(key, state.focus);
  const lines = helpLines(query).length;
  const moved =
    action === null ? null : moveCursor(top, Math.max(1, lines - height + 1), height, action);
  return moved === null ? state : { ...state, help: { query, top: moved } };
}

function takeRecording(state: State, recording: RecordingState): State {
  const asksAnew =
    recording.findings !== state.recording.findings && state.frames.filter?.asksFindings === true;
  const next = asksAnew ? restartList({ ...state, recording }, {}) : { ...state, recording };
  const isFirstLook =
    !state.touched && !state.frames.follow && state.recording.findings.length === 0;
  // Someone who opens a recording that went wrong wants to see where: but only before the first key.
  if (!isFirstLook || recording.findings.length === 0) return next;
  const { jumps, notice } = state;
  return { ...showFinding(settleFrames(next), 0), jumps, notice };
}

// After every step: the list holds what it should, cursors are in view, and the selected entry is on its way.
function settle(previous: State, { state, effects }: Step): Step {
  const framed = settleLadder(settleFind(settleFrames(state)));
  const settled = settleDetail(settleDiagnosis(settleConnections(framed)));
  const { selected } = settled.frames;
  const more: Effect[] = [...effects];
  if (selected !== null && selected !== previous.frames.selected)
    more.push({ type: "load", entry: selected });
  return { state: settled, effects: [...more, ...workOf(settled)] };
}

// Entries whose bodies are read for a filter in one go.
const MATCH_STEP = 1000;

// What the filter and the search still have to look at: rows here and now in small steps, bodies by reading them.
function workOf(state: State): readonly Effect[] {
  const { filter, found, scanId, scanned, limit } = state.frames;
  const work: Effect[] = [];
  if (isScanning(state)) {
    const last = Math.min(limit, scanned + MATCH_STEP);
    if (filter?.readsBodies === true)
      work.push({ type: "match", scan: scanId, first: scanned + 1, last, filter });
    else work.push({ type: "scan" });
  }
  if (found !== null && isSearching(state)) {
    const first = found.scanned + 1;
    const last = Math.min(scanned, found.scanned + MATCH_STEP);
    if (found.filter.readsBodies)
      work.push({ type: "match", scan: found.id, first, last, filter: found.filter });
    else work.push({ type: "scan" });
  }
  const { page, recording } = state;
  if (page?.kind === "ladder" && page.scanned < recording.readCount) work.push({ type: "scan" });
  return work;
}

function keep(state: State): Step {
  return { state, effects: [] };
}
