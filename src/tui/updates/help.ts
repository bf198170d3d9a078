import { KEYMAP, renderKey, type Binding, type HelpGroup, type Action } from "../keymap.ts";
import type { State } from "../state.ts";
import { COMMANDS, runCommand, type LineCommand } from "./command-line.ts";
import { moveCursor } from "./cursor.ts";
import { openPrompt } from "./open-prompt.ts";
import { perform } from "./perform.ts";

/** One thing that can be done: its keys, its name and what it does. */
export interface HelpItem {
  readonly group: HelpGroup | "COMMANDS";
  readonly keys: string;
  readonly name: string;
  readonly help: string;
  readonly run: (state: State) => State;
}

const GROUPS: readonly HelpGroup[] = ["MOVE", "VIEW", "FRAMES", "ACT", "APP"];

/** All that can be done, by key and on the command line. */
const ITEMS: readonly HelpItem[] = [
  ...GROUPS.flatMap((group) => KEYMAP.filter((binding) => binding.group === group)).map(itemOf),
  ...COMMANDS.map((command): HelpItem => ({
    group: "COMMANDS",
    keys: `:${command.name}`,
    name: command.name,
    help: command.help,
    run: (state) => begin(state, command),
  })),
];

function itemOf(binding: Binding & { readonly action: Action }): HelpItem {
  const { action, group, help, keys, panes } = binding;
  const where = panes === undefined ? "" : ` (${panes.join(", ")})`;
  return {
    group,
    keys: keys.map(renderKey).join("  "),
    name: action,
    help: help + where,
    run: (state) => perform(state, action),
  };
}

/** The help, or the part of it with that key, or with each of the words that were typed. */
export function helpItems(query: string): readonly HelpItem[] {
  const words = query.toLowerCase().split(" ");
  return ITEMS.filter(({ keys, name, help }) => {
    const text = `${name} ${help} ${keys}`.toLowerCase();
    return keys.split("  ").includes(query) || words.every((word) => text.includes(word));
  });
}

/** What a key does while the help is open: it narrows the list, moves in it, or does what is chosen. */
export function updateHelp(
  state: State,
  { query, selected }: { readonly query: string; readonly selected: number },
  key: string,
  text: string | null,
): State {
  const items = helpItems(query);
  const action = key === "C-p" ? "up" : key === "C-n" ? "down" : MOVES.get(key);
  const height = Math.max(1, state.size.rows - 6);
  if (key === "escape" || key === "C-c") return { ...state, help: null };
  if (key === "return") return items[selected]?.run({ ...state, help: null }) ?? state;
  const typed = key === "backspace" ? query.slice(0, -1) : text === null ? null : query + text;
  const help =
    typed !== null
      ? { query: typed, selected: 0 }
      : {
          query,
          selected: (action && moveCursor(selected, items.length, height, action)) ?? selected,
        };
  return { ...state, help };
}

/** The keys that move in a list and type no character. */
const MOVES: ReadonlyMap<string, Action> = new Map(
  KEYMAP.filter(({ group }) => group === "MOVE").flatMap(({ action, keys }) =>
    keys.filter((key) => key.length > 1).map((key): [string, Action] => [key, action]),
  ),
);

function begin(state: State, { name, argument }: LineCommand): State {
  if (argument === undefined) return runCommand(state, name);
  return openPrompt(state, "command", `${name} `);
}
