import type { Prompt, State } from "../state.ts";

const MAX_HISTORY = 50;

/** Opens a line to type in. A filter prompt begins with the filter that holds. */
export function openPrompt(state: State, kind: Prompt["kind"], text = ""): State {
  const before = state.frames.filter;
  const begin = kind === "filter" && text === "" ? (before?.text ?? "") : text;
  const prompt: Prompt = {
    kind,
    text: begin,
    cursor: begin.length,
    error: null,
    before,
    back: 0,
    draft: begin,
    completion: null,
  };
  return { ...state, prompt };
}

/** Remembers a line that was accepted, or is as good as typed. */
export function rememberLine(state: State, kind: Prompt["kind"], text: string): State {
  if (text.trim() === "") return state;
  const lines = (state.history[kind] ?? []).filter((line) => line !== text);
  return {
    ...state,
    history: { ...state.history, [kind]: [...lines, text].slice(-MAX_HISTORY) },
  };
}

/** The line that stands `back` steps back in the history, or null beyond its ends; 0 is the line being typed. */
export function recall(state: State, { kind, draft }: Prompt, back: number): string | null {
  if (back === 0) return draft;
  return (back < 0 ? null : state.history[kind]?.at(-back)) ?? null;
}
