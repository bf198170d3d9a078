import { completeCommand, runCommand } from "./command-line.ts";
import { completeFilter, turnCompletion } from "./completion.ts";
import { searchDetail } from "./detail-search.ts";
import { startFind } from "./find.ts";
import { knownValues, misspeltIn, parseFrameFilter } from "../reading/frame-filter.ts";
import { showFiltered } from "./frames.ts";
import { editLine, insertText, type EditedLine } from "./line-editor.ts";
import { recall, rememberLine } from "./open-prompt.ts";
import type { Completion, Prompt, State } from "../state.ts";

/** What a key does while a line is typed. */
export function updatePrompt(
  state: State,
  prompt: Prompt,
  key: string,
  typed: string | null,
): State {
  if (key === "return")
    return accept(rememberLine({ ...state, prompt: null }, prompt.kind, prompt.text), prompt);
  if (key === "escape" || key === "C-c" || (key === "backspace" && prompt.text === ""))
    return cancel({ ...state, prompt: null }, prompt);
  return edit(state, prompt, key, typed);
}

/** Puts pasted text into the line. It never runs as keys. */
export function pasteIntoPrompt(state: State, prompt: Prompt, text: string): State {
  return retype(state, prompt, insertText(prompt, text));
}

/** What Tab would offer at the cursor. */
export function optionsFor(state: State, { kind, text, cursor }: Prompt): Completion | null {
  if (kind === "command") return completeCommand(state, text, cursor);
  return kind === "search"
    ? null
    : completeFilter(text, cursor, (field) => knownValues(state, field));
}

function edit(state: State, prompt: Prompt, key: string, typed: string | null): State {
  switch (key) {
    case "tab":
      return complete(state, prompt, 1);
    case "S-tab":
      return complete(state, prompt, -1);
    case "up":
    case "C-p":
      return goBack(state, prompt, prompt.back + 1);
    case "down":
    case "C-n":
      return goBack(state, prompt, prompt.back - 1);
    default: {
      const edited = editLine(prompt, key, typed);
      return edited === null ? state : retype(state, { ...prompt, back: 0 }, edited);
    }
  }
}

function complete(state: State, prompt: Prompt, step: 1 | -1): State {
  const open = prompt.completion ?? optionsFor(state, prompt);
  if (open === null) return state;
  const { text, cursor, completion } = turnCompletion(open, step);
  const next = retype(state, prompt, { text, cursor });
  // With one option there is nothing to turn through: Tab goes on with what comes next.
  const keeps = completion.options.length > 1 ? completion : null;
  return next.prompt === null ? next : { ...next, prompt: { ...next.prompt, completion: keeps } };
}

function goBack(state: State, prompt: Prompt, back: number): State {
  const text = recall(state, prompt, back);
  if (text === null) return state;
  const next = retype(state, prompt, { text, cursor: text.length });
  const { draft } = prompt;
  return next.prompt === null ? next : { ...next, prompt: { ...next.prompt, back, draft } };
}

// A filter holds while it is typed; one that cannot be read leaves the last good one in place.
function retype(state: State, prompt: Prompt, { text, cursor }: EditedLine): State {
  const typed: Prompt = { ...prompt, text, cursor, draft: text, error: null, completion: null };
  switch (prompt.kind) {
    case "command":
      return { ...state, prompt: typed };
    case "search":
      return searchDetail({ ...state, prompt: typed }, text);
    case "find":
    case "filter": {
      const parsed = parseFrameFilter(text);
      if (!parsed.ok) {
        const { position, message } = parsed.problem;
        return { ...state, prompt: { ...typed, error: `position ${position}: ${message}` } };
      }
      const next = { ...state, prompt: typed };
      return prompt.kind === "filter" ? showFiltered(next, parsed.filter) : next;
    }
  }
}

function cancel(state: State, { kind, before }: Prompt): State {
  if (kind === "search") return { ...state, detail: { ...state.detail, search: null } };
  return kind === "filter" ? showFiltered(state, before) : state;
}

function accept(state: State, prompt: Prompt): State {
  switch (prompt.kind) {
    case "command":
      return runCommand(state, prompt.text);
    case "search":
      return state;
    case "filter":
    case "find": {
      const parsed = parseFrameFilter(prompt.text);
      const isFilter = prompt.kind === "filter";
      const problem = parsed.ok ? (isFilter ? misspeltIn(state) : null) : parsed.problem;
      if (problem !== null) {
        const kept = isFilter ? "the last good filter is kept: " : "";
        const before = isFilter && parsed.ok ? showFiltered(state, prompt.before) : state;
        return { ...before, notice: `${kept}${problem.message}` };
      }
      const filter = parsed.ok ? parsed.filter : null;
      if (isFilter) return showFiltered(state, filter);
      return filter === null ? state : startFind(state, filter);
    }
  }
}
