import type { Prompt, State } from "./state.ts";

/** Opens a line to type in. A filter prompt begins with the filter that holds. */
export function openPrompt(state: State, kind: Prompt["kind"]): State {
  const before = state.frames.filter;
  const text = kind === "filter" ? (before?.text ?? "") : "";
  return { ...state, prompt: { kind, text, cursor: text.length, error: null, before } };
}
