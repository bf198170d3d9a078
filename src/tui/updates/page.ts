import { moveCursor } from "./cursor.ts";
import { renderPatch, updateDiff } from "./diff.ts";
import type { Action } from "../keymap.ts";
import { wrap } from "../lines/diagnosis.ts";
import { withEffect } from "../message.ts";
import { pageHeight, type Page, type TextPage } from "../page.ts";
import type { State } from "../state.ts";

/** Shows a text over the panes. */
export function openText(state: State, title: string, text: string): State {
  const lines = text
    .trimEnd()
    .split(/\r?\n/)
    .flatMap((line) => wrap(line, state.size.columns - 4));
  return { ...state, page: { kind: "text", title, text, lines, top: 0 } };
}

/** What a key does while something lies over the panes. */
export function updatePage(state: State, page: Page, action: Action): State {
  switch (action) {
    case "close":
    case "leave":
    case "bytes":
      return { ...state, page: null };
    case "quit":
      return withEffect(state, { type: "quit" });
    case "suspend":
    case "redraw":
      return withEffect(state, { type: action });
    case "help":
      return { ...state, help: { query: "", selected: 0 } };
    case "copy":
      return copyPage(state, page);
    default: {
      const next =
        page.kind === "diff" ? updateDiff(state, page, action) : scrollText(state, page, action);
      return next ?? { ...state, notice: "that key has no use here: Esc closes" };
    }
  }
}

function scrollText(state: State, page: TextPage, action: Action): State | null {
  const height = pageHeight(state);
  const tops = Math.max(1, page.lines.length - height + 1);
  const top = moveCursor(page.top, tops, height, action);
  return top === null ? null : { ...state, page: { ...page, top } };
}

function copyPage(state: State, page: Page): State {
  const isDiff = page.kind === "diff";
  const text = isDiff ? renderPatch(page) : page.text;
  const what = isDiff ? "differences" : "text";
  return withEffect(state, { type: "copy", text, what, toFile: false });
}
