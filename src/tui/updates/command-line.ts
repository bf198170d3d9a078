import { findingsByConnection } from "../../findings/rule.ts";
import { PLAIN_STYLE } from "../../views/style.ts";
import { renderExplanation } from "../../views/explain.ts";
import { optionsAt } from "./completion.ts";
import { parseFrameFilter } from "../reading/frame-filter.ts";
import { jumpTo, showConnection, showFiltered } from "./frames.ts";
import { KEYMAP, type Action } from "../keymap.ts";
import { withEffect } from "../message.ts";
import { openText } from "./page.ts";
import { perform } from "./perform.ts";
import type { Completion, State } from "../state.ts";
import { THEMES, type ThemeName } from "../paint/theme.ts";

/** A command that is more than an action by name. */
export interface LineCommand {
  readonly name: string;
  readonly help: string;
  /** What may follow the name; undefined for a command that stands alone. */
  readonly argument?: (state: State) => readonly string[];
  readonly run: (state: State, argument: string) => State;
}

/** The commands of the command line, besides every action by name and `:123`. */
export const COMMANDS: readonly LineCommand[] = [
  { name: "conn", help: "frames of one connection, or all", argument: connectionNames, run: goToConnection },
  { name: "filter", help: "show only what matches", argument: () => [], run: setFilter },
  { name: "theme", help: "colours", argument: () => Object.keys(THEMES), run: setTheme },
  { name: "mouse", help: "mouse on or off", argument: () => ["on", "off"], run: setMouse },
  { name: "explain", help: "a connection told in sentences", argument: connectionNames, run: explain },
  { name: "write", help: "write the shown frames to a recording", argument: () => [], run: writeShown },
  { name: "report", help: "write a report in Markdown", argument: () => [], run: report },
]; // prettier-ignore

/** Runs a line of the command line: `123`, a command, or any action by name. */
export function runCommand(state: State, line: string): State {
  const [name = "", ...rest] = line.trim().split(/\s+/);
  const command = COMMANDS.find((known) => known.name === name);
  if (command !== undefined) return command.run(state, rest.join(" "));
  const action = KEYMAP.find((binding) => binding.action === name)?.action;
  if (action !== undefined) return performNamed(state, action);
  if (name === "") return state;
  if (/^#?\d+$/.test(name)) return jumpTo(state, Number(name.replace("#", "")));
  return say(state, `no command ${name}; Tab completes, ? lists all`);
}

/** What may come next at the cursor of a command line. */
export function completeCommand(state: State, text: string, cursor: number): Completion | null {
  const before = text.slice(0, cursor);
  const [, name = "", argument = ""] = /^\s*(\S+)\s+(.*)$/.exec(before) ?? [];
  if (name === "") {
    const typed = before.trimStart();
    const names = [
      ...COMMANDS.map((command) => command.name),
      ...KEYMAP.map(({ action }) => action),
    ];
    const options = [...new Set(names)].filter((option) => option.startsWith(typed)).toSorted();
    return optionsAt(text, cursor, typed, options);
  }
  const known = COMMANDS.find((command) => command.name === name)?.argument?.(state) ?? [];
  return optionsAt(
    text,
    cursor,
    argument,
    known.filter((option) => option.startsWith(argument)),
  );
}

// The command line itself is not a thing to run from the command line.
function performNamed(state: State, action: Action): State {
  return action === "command" ? state : perform(state, action);
}

function connectionNames({ recording }: State): readonly string[] {
  return ["all", ...recording.trace.connections.map(({ id }) => `c${id}`)];
}

function setFilter(state: State, argument: string): State {
  const parsed = parseFrameFilter(argument);
  if (parsed.ok) return showFiltered(state, parsed.filter);
  const { position, message } = parsed.problem;
  return say(state, `not a filter, position ${position}: ${message}`);
}

function setTheme(state: State, argument: string): State {
  return isThemeName(argument)
    ? { ...state, theme: argument }
    : say(state, `no theme ${argument}; there are ${Object.keys(THEMES).join(", ")}`);
}

function setMouse(state: State, argument: string): State {
  return { ...state, mouse: argument !== "off" };
}

function goToConnection(state: State, argument: string): State {
  if (argument === "all" || argument === "") return showConnection(state, null);
  const id = connectionId(state, argument);
  if (id === null) return say(state, `no connection ${argument}`);
  const connections = { ...state.connections, selected: id };
  return showConnection({ ...state, connections }, id);
}

function explain(state: State, argument: string): State {
  const { selected } = state.frames;
  const here = selected === null ? 0 : state.source.connectionOf(selected);
  const id = argument === "" ? here || state.connections.selected : connectionId(state, argument);
  const { trace, findings } = state.recording;
  const connection = trace.connections.find((known) => known.id === id);
  if (connection === undefined) return say(state, `no connection ${argument}`.trim());
  const style = { ...PLAIN_STYLE, columns: Math.max(40, state.size.columns - 4) };
  const found = findingsByConnection(findings, trace.recording.name)(connection.id);
  const text = renderExplanation(trace, connection, found, style);
  return openText(state, `Explain c${id}`, text);
}

function writeShown(state: State, argument: string): State {
  const { list } = state.frames;
  if (argument === "") return say(state, "write :write and a file name");
  if (list.length === 0) return say(state, "no frames are shown");
  return withEffect(state, { type: "write", path: argument, list });
}

function report(state: State, argument: string): State {
  return withEffect(state, {
    type: "report",
    path: argument || `${state.recording.name}-report.md`,
  });
}

function connectionId({ recording }: State, text: string): number | null {
  const id = Number(text.replace(/^c/, ""));
  return recording.trace.connections.some((connection) => connection.id === id) ? id : null;
}

function isThemeName(name: string): name is ThemeName {
  return Object.hasOwn(THEMES, name);
}

function say(state: State, notice: string): State {
  return { ...state, notice };
}
