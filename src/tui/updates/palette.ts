import { runCommand, COMMANDS } from "./command-line.ts";
import { KEYMAP, renderKey, type Action, type Binding } from "../keymap.ts";
import type { Step } from "../message.ts";
import { perform } from "./perform.ts";
import { openPrompt } from "./open-prompt.ts";
import type { State } from "../state.ts";

/** One thing that can be done: its name, its keys and what it does. */
export interface PaletteItem {
  readonly name: string;
  readonly keys: string;
  readonly help: string;
  /** Null for a command of the command line. */
  readonly action: Action | null;
}

/** All that can be done by name, or the part of it that holds each word typed. */
export function paletteItems(query: string): readonly PaletteItem[] {
  const bindings: readonly (Binding & { readonly action: Action })[] = KEYMAP;
  const items: readonly PaletteItem[] = [
    ...bindings
      .filter(({ action }) => action !== "palette")
      .map(({ action, keys, help }) => ({
        name: action,
        keys: keys.map(renderKey).join(" "),
        help,
        action,
      })),
    ...COMMANDS.map(({ name, help }) => ({ name: `:${name}`, keys: "", help, action: null })),
  ];
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return items.filter(({ name, help }) =>
    words.every((word) => `${name} ${help}`.toLowerCase().includes(word)),
  );
}

/** What a key does while the palette is open. */
export function updatePalette(
  state: State,
  { query, selected }: { readonly query: string; readonly selected: number },
  key: string,
  text: string | null,
): Step {
  const items = paletteItems(query);
  switch (key) {
    case "escape":
    case "C-c":
      return { state: { ...state, palette: null }, effects: [] };
    case "return": {
      const item = items[selected];
      return item === undefined ? { state, effects: [] } : run({ ...state, palette: null }, item);
    }
    case "up":
    case "C-p":
    case "down":
    case "C-n": {
      const step = key === "up" || key === "C-p" ? -1 : 1;
      const next = Math.max(0, Math.min(selected + step, items.length - 1));
      return { state: { ...state, palette: { query, selected: next } }, effects: [] };
    }
    case "backspace":
      return retype(state, query.slice(0, -1));
    default:
      return text === null ? { state, effects: [] } : retype(state, query + text);
  }
}

function retype(state: State, query: string): Step {
  return { state: { ...state, palette: { query, selected: 0 } }, effects: [] };
}

function run(state: State, { name, action }: PaletteItem): Step {
  if (action !== null) return perform(state, action);
  const command = COMMANDS.find((known) => `:${known.name}` === name);
  if (command?.argument === undefined) return runCommand(state, name.slice(1));
  return { state: openPrompt(state, "command", `${name.slice(1)} `), effects: [] };
}
