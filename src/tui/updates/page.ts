import { moveCursor } from "./cursor.ts";
import { renderPatch, updateDiff } from "./diff.ts";
import type { Action } from "../keymap.ts";
import { updateLadder } from "./ladder.ts";
import type { Effect, Message, Step } from "../message.ts";
import type { Page, TextPage } from "../page.ts";
import { pageHeight } from "../page-size.ts";
import type { State } from "../state.ts";

/** Shows a text over the panes; that of a running replay goes on in place, and not once its page is closed. */
export function openText(
  state: State,
  { title, text, replay }: Extract<Message, { type: "text" }>,
): State {
  const lines = withoutLastLines(text).split("\n");
  const { page } = state;
  const goesOn = page?.kind === "text" && page.replay;
  const top = goesOn && replay !== null ? page.top : 0;
  return { ...state, page: { kind: "text", title, lines, top, replay: replay === "running" } };
}

/** What a key does while something lies over the panes. */
export function updatePage(state: State, page: Page, action: Action): Step {
  switch (action) {
    case "close":
    case "leave":
      return closePage(state, page);
    case "quit":
      return { state, effects: [{ type: "quit" }] };
    case "suspend":
    case "redraw":
      return { state, effects: [{ type: action }] };
    case "help":
      return { state: { ...state, help: { query: "", top: 0 } }, effects: [] };
    case "copy":
      return copyPage(state, page);
    default: {
      const next = change(state, page, action);
      return {
        state: next ?? { ...state, notice: "that key has no use here: Esc closes" },
        effects: [],
      };
    }
  }
}

function change(state: State, page: Page, action: Action): State | null {
  if (page.kind === "diff") return updateDiff(state, page, action);
  if (page.kind === "ladder") return updateLadder(state, page, action);
  return scrollText(state, page, action);
}

function scrollText(state: State, page: TextPage, action: Action): State | null {
  const height = pageHeight(state);
  const tops = Math.max(1, page.lines.length - height + 1);
  const top = moveCursor(page.top, tops, height, action);
  return top === null ? null : { ...state, page: { ...page, top } };
}

// The page of a replay stays until the verdict is there to read.
function closePage(state: State, page: Page): Step {
  if (page.kind !== "text" || !page.replay) return { state: { ...state, page: null }, effects: [] };
  return { state, effects: [{ type: "stop-replay" }] };
}

function copyPage(state: State, page: Page): Step {
  if (page.kind === "ladder")
    return { state: { ...state, notice: "Enter opens the frame, where y copies" }, effects: [] };
  const isDiff = page.kind === "diff";
  const text = isDiff ? renderPatch(page) : page.lines.join("\n");
  const what = isDiff ? "differences" : "text";
  const effect: Effect = { type: "copy", text, what, toFile: false };
  return { state, effects: [effect] };
}

function withoutLastLines(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end -= 1;
  return text.slice(0, end);
}
