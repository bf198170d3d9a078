import { settleConnections } from "./updates/connections.ts";
import { settleDetail, showEntry } from "./updates/detail.ts";
import { settleDiagnosis, showFinding } from "./updates/diagnosis.ts";
import { chooseCopy } from "./updates/copy.ts";
import { showFrameDiff } from "./updates/diff.ts";
import { settleFind } from "./updates/find.ts";
import { restartList, settleFrames, takeMatches, workOf } from "./updates/frames-list.ts";
import { updateHelp } from "./updates/help.ts";
import { findAction, renderKey } from "./keymap.ts";
import { withEffect, type Effect, type Message } from "./message.ts";
import { clickAt } from "./updates/mouse.ts";
import { perform } from "./updates/perform.ts";
import { pasteIntoPrompt, updatePrompt } from "./updates/prompt.ts";
import type { RecordingState, State } from "./state.ts";

/** The state after something happened, with what to do beside painting. Pure: the same input gives the same state. */
export function update(state: State, message: Message): State {
  return settle(state, handle(state, message));
}

function handle(state: State, message: Message): State {
  switch (message.type) {
    case "key":
      return handleKey({ ...state, notice: "", touched: true }, message.key, message.text);
    case "paste":
      return state.prompt === null ? state : pasteIntoPrompt(state, state.prompt, message.text);
    case "mouse":
      return clickAt({ ...state, notice: "", touched: true }, message);
    case "resize":
      return { ...state, size: { columns: message.columns, rows: message.rows } };
    case "recording":
      return takeRecording(state, message.recording);
    case "entry":
      return showEntry(state, message.entry);
    case "notice":
      return { ...state, notice: message.text };
    case "task":
      return { ...state, task: message.task };
    case "matched":
      return takeMatches(state, message);
    case "diff":
      return showFrameDiff(state, message.a, message.b);
    case "live":
      return { ...state, live: message.live };
    case "hangup":
      return withEffect(state, { type: "quit" });
    case "scan":
      return state;
  }
}

function handleKey(state: State, key: string, text: string | null): State {
  if (state.prompt !== null) return updatePrompt(state, state.prompt, key, text);
  if (state.menu !== null) return chooseCopy(state, key);
  if (state.help !== null) return updateHelp(state, state.help, key, text);
  const action = findAction(key, state.page === null ? state.focus : "frames");
  if (action === null) return { ...state, notice: `${renderKey(key)} is not bound: ? helps` };
  return perform(state, action);
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
function settle(previous: State, state: State): State {
  const framed = settleFind(settleFrames(state));
  const settled = settleDetail(settleDiagnosis(settleConnections(framed)));
  const { selected } = settled.frames;
  const isNew = selected !== null && selected !== previous.frames.selected;
  const load: readonly Effect[] = isNew ? [{ type: "load", entry: selected }] : [];
  return { ...settled, effects: [...settled.effects, ...load, ...workOf(settled)] };
}
