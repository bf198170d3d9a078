import { settleConnections } from "./connections-update.ts";
import { moveCursor } from "./cursor.ts";
import { settleDetail, showEntry } from "./detail-update.ts";
import { settleDiagnosis, showFinding } from "./diagnosis-update.ts";
import { isScanning, settleFrames } from "./frames-list.ts";
import { helpLines } from "./help-lines.ts";
import { findAction, renderKey } from "./keymap.ts";
import type { Effect, Message, Step } from "./message.ts";
import { clickAt } from "./mouse-update.ts";
import { perform } from "./perform.ts";
import { pasteIntoPrompt, updatePrompt } from "./prompt-update.ts";
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
    case "hangup":
      return { state, effects: [{ type: "quit" }] };
    case "scan":
      return keep(state);
  }
}

function handleKey(state: State, key: string, text: string | null): Step {
  if (state.prompt !== null) return updatePrompt(state, state.prompt, key, text);
  if (state.help !== null) return keep(updateHelp(state, state.help, key, text));
  const action = findAction(key, state.focus);
  if (action === null) return keep({ ...state, notice: `${renderKey(key)} is not bound: ? helps` });
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
  const next = { ...state, recording };
  const isFirstLook =
    !state.touched && !state.frames.follow && state.recording.findings.length === 0;
  // Someone who opens a recording that went wrong wants to see where: but only before the first key.
  if (!isFirstLook || recording.findings.length === 0) return next;
  return { ...showFinding(settleFrames(next), 0), jumps: state.jumps };
}

// After every step: the list holds what it should, cursors are in view, and the selected entry is on its way.
function settle(previous: State, { state, effects }: Step): Step {
  const settled = settleDetail(settleDiagnosis(settleConnections(settleFrames(state))));
  const { selected } = settled.frames;
  const more: Effect[] = [...effects];
  if (selected !== null && selected !== previous.frames.selected)
    more.push({ type: "load", entry: selected });
  if (isScanning(settled)) more.push({ type: "scan" });
  return { state: settled, effects: more };
}

function keep(state: State): Step {
  return { state, effects: [] };
}
