import { runCommand } from "./command-line.ts";
import { parseFilter } from "./filter.ts";
import { jumpToFound, showFiltered } from "./frames-update.ts";
import { editLine, insertText, type EditedLine } from "./line-editor.ts";
import type { Step } from "./message.ts";
import type { Prompt, State } from "./state.ts";

/** What a key does while a line is typed. */
export function updatePrompt(
  state: State,
  prompt: Prompt,
  key: string,
  typed: string | null,
): Step {
  if (key === "return") return accept({ ...state, prompt: null }, prompt);
  if (key === "escape" || key === "C-c" || (key === "backspace" && prompt.text === ""))
    return { state: cancel({ ...state, prompt: null }, prompt), effects: [] };
  const edited = editLine(prompt, key, typed);
  return { state: edited === null ? state : retype(state, prompt, edited), effects: [] };
}

/** Puts pasted text into the line. It never runs as keys. */
export function pasteIntoPrompt(state: State, prompt: Prompt, text: string): State {
  return retype(state, prompt, insertText(prompt, text));
}

// A filter holds while it is typed; one that cannot be read leaves the last good one in place.
function retype(state: State, prompt: Prompt, edited: EditedLine): State {
  const { text, cursor } = edited;
  const parsed = prompt.kind === "command" ? null : parseFilter(text);
  const error =
    parsed === null || parsed.ok ? null : `position ${parsed.position + 1}: ${parsed.reason}`;
  const next = { ...state, prompt: { ...prompt, text, cursor, error } };
  return prompt.kind === "filter" && parsed?.ok === true ? showFiltered(next, parsed.filter) : next;
}

function cancel(state: State, { kind, before }: Prompt): State {
  return kind === "filter" ? showFiltered(state, before) : state;
}

function accept(state: State, prompt: Prompt): Step {
  if (prompt.kind === "command") return runCommand(state, prompt.text);
  const parsed = parseFilter(prompt.text);
  if (!parsed.ok)
    return { state: { ...state, notice: `not a filter: ${parsed.reason}` }, effects: [] };
  if (prompt.kind === "filter") return { state: showFiltered(state, parsed.filter), effects: [] };
  const frames = { ...state.frames, found: parsed.filter };
  return { state: jumpToFound({ ...state, frames }, 1), effects: [] };
}
