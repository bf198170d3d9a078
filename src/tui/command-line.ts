import { parseFilter } from "./filter.ts";
import { jumpTo, showConnection, showFiltered } from "./frames-update.ts";
import { KEYMAP, type Action } from "./keymap.ts";
import type { Step } from "./message.ts";
import { perform } from "./perform.ts";
import type { State } from "./state.ts";
import { THEMES, type ThemeName } from "./theme.ts";

/** Runs a line of the command line: `123`, `conn c2`, `conn all`, `filter …`, `theme …`, `mouse on|off`, or any action by name. */
export function runCommand(state: State, line: string): Step {
  const [name = "", ...rest] = line.trim().split(/\s+/);
  const argument = rest.join(" ");
  const action = KEYMAP.find((binding) => binding.action === name)?.action;
  if (action !== undefined) return performNamed(state, action);
  return { state: runLine(state, name, argument), effects: [] };
}

// The command line itself is not a thing to run from the command line.
function performNamed(state: State, action: Action): Step {
  return action === "command" ? { state, effects: [] } : perform(state, action);
}

function runLine(state: State, name: string, argument: string): State {
  if (name === "") return state;
  if (/^#?\d+$/.test(name)) return jumpTo(state, Number(name.replace("#", "")));
  switch (name) {
    case "conn":
      return goToConnection(state, argument);
    case "filter": {
      const parsed = parseFilter(argument);
      return parsed.ok
        ? showFiltered(state, parsed.filter)
        : { ...state, notice: `not a filter: ${parsed.reason}` };
    }
    case "theme":
      return isThemeName(argument)
        ? { ...state, theme: argument }
        : { ...state, notice: `no theme ${argument}; there are ${Object.keys(THEMES).join(", ")}` };
    case "mouse":
      return { ...state, mouse: argument !== "off" };
    default:
      return {
        ...state,
        notice: `no command ${name}; try :123, :conn c2, :filter, :theme, :mouse off`,
      };
  }
}

function goToConnection(state: State, argument: string): State {
  if (argument === "all" || argument === "") return showConnection(state, null);
  const id = Number(argument.replace(/^c/, ""));
  return state.recording.trace.connections.some((connection) => connection.id === id)
    ? showConnection({ ...state, connections: { ...state.connections, selected: id } }, id)
    : { ...state, notice: `no connection ${argument}` };
}

function isThemeName(name: string): name is ThemeName {
  return Object.hasOwn(THEMES, name);
}
