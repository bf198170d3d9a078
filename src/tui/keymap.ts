import { ownField } from "../gateway/json-object.ts";

/** The panes that can have the focus, in the order of Tab and of their numbers. */
export const PANES = ["connections", "frames", "diagnosis", "detail"] as const;

/** A pane that can have the focus. */
export type PaneName = (typeof PANES)[number];

/** The parts of the help. */
export type HelpGroup = "MOVE" | "VIEW" | "FRAMES" | "ACT" | "APP";

/** What a key does, as help and command line show it. */
export interface Binding {
  readonly action: string;
  /** Keys by name: a character as typed, or `up`, `C-d`, `S-tab`, `return`. */
  readonly keys: readonly string[];
  readonly help: string;
  readonly group: HelpGroup;
  /** Where it holds; everywhere when absent. A binding with panes goes before one without. */
  readonly panes?: readonly PaneName[];
}

/** Every key and what it does: the one table behind the keyboard, the help and the documentation. */
export const KEYMAP = [
  { action: "down", keys: ["j", "down"], help: "next line", group: "MOVE" },
  { action: "up", keys: ["k", "up"], help: "previous line", group: "MOVE" },
  { action: "half-down", keys: ["C-d"], help: "half a page down", group: "MOVE" },
  { action: "half-up", keys: ["C-u"], help: "half a page up", group: "MOVE" },
  { action: "page-down", keys: ["pagedown", " "], help: "a page down", group: "MOVE" },
  { action: "page-up", keys: ["pageup", "C-b"], help: "a page up", group: "MOVE" },
  { action: "first", keys: ["g", "home"], help: "first line", group: "MOVE" },
  { action: "last", keys: ["G", "end"], help: "last line", group: "MOVE" },
  { action: "back", keys: ["C-o"], help: "back to where the last jump began", group: "MOVE" },
  { action: "next-pane", keys: ["tab"], help: "next pane", group: "VIEW" },
  { action: "previous-pane", keys: ["S-tab"], help: "previous pane", group: "VIEW" },
  { action: "pane-1", keys: ["1"], help: "connections", group: "VIEW" },
  { action: "pane-2", keys: ["2"], help: "frames", group: "VIEW" },
  { action: "pane-3", keys: ["3"], help: "diagnosis", group: "VIEW" },
  { action: "pane-4", keys: ["4"], help: "detail", group: "VIEW" },
  { action: "maximise", keys: ["\\"], help: "maximise the pane, and back", group: "VIEW" },
  {
    action: "time-mode",
    keys: ["t"],
    help: "time since start, clock, delta, latency",
    group: "VIEW",
  },
  { action: "time-reference", keys: ["T"], help: "count time from this frame", group: "VIEW" },
  { action: "escapes", keys: ["u"], help: "show all non-ASCII as escapes", group: "VIEW" },
  {
    action: "fold",
    keys: ["h", "left"],
    help: "fold, or go to the parent",
    group: "VIEW",
    panes: ["detail"],
  },
  {
    action: "unfold",
    keys: ["l", "right"],
    help: "unfold, or go inside",
    group: "VIEW",
    panes: ["detail"],
  },
  { action: "bytes", keys: ["b"], help: "bytes of the message, and back", group: "VIEW" },
  { action: "ladder", keys: ["L"], help: "the conversation as a ladder of arrows", group: "VIEW" },
  { action: "larger", keys: ["+", "="], help: "more lines for the lower panes", group: "VIEW" },
  { action: "smaller", keys: ["-"], help: "fewer lines for the lower panes", group: "VIEW" },
  { action: "stack", keys: ["|"], help: "detail beside or below the frames", group: "VIEW" },
  { action: "diagnosis", keys: ["D"], help: "show or hide the diagnosis", group: "VIEW" },
  { action: "order", keys: ["o"], help: "order of the connections", group: "VIEW" },
  { action: "reverse", keys: ["v"], help: "connections in reverse order", group: "VIEW" },
  { action: "unfold-all", keys: ["e"], help: "unfold all", group: "VIEW", panes: ["detail"] },
  { action: "fold-all", keys: ["c"], help: "fold all", group: "VIEW", panes: ["detail"] },
  {
    action: "search",
    keys: ["/"],
    help: "search in this frame; n N next, previous",
    group: "VIEW",
    panes: ["detail"],
  },
  {
    action: "filter",
    keys: ["/", "f"],
    help: "filter: ok==false  conn==c2  method~chat  text",
    group: "FRAMES",
  },
  {
    action: "filter-on",
    keys: ["a"],
    help: "filter on what the cursor is on",
    group: "FRAMES",
  },
  {
    action: "filter-out",
    keys: ["A"],
    help: "filter out what the cursor is on",
    group: "FRAMES",
  },
  {
    action: "find",
    keys: ["C-f"],
    help: "find without hiding; a word looks inside",
    group: "FRAMES",
  },
  { action: "find-next", keys: ["n"], help: "next match", group: "FRAMES" },
  { action: "find-previous", keys: ["N"], help: "previous match", group: "FRAMES" },
  { action: "follow", keys: ["F"], help: "follow the newest frame", group: "FRAMES" },
  { action: "pause", keys: ["p"], help: "freeze the view; recording goes on", group: "FRAMES" },
  { action: "pair", keys: ["%"], help: "request <-> response", group: "FRAMES" },
  { action: "next-same", keys: ["."], help: "next frame of this connection", group: "FRAMES" },
  {
    action: "previous-same",
    keys: [","],
    help: "previous frame of this connection",
    group: "FRAMES",
  },
  { action: "next-problem", keys: ["]"], help: "next problem", group: "FRAMES" },
  { action: "previous-problem", keys: ["["], help: "previous problem", group: "FRAMES" },
  { action: "mark", keys: ["m"], help: "mark, or take the mark away", group: "FRAMES" },
  {
    action: "only-marked",
    keys: ["M"],
    help: "show only marked frames, and back",
    group: "FRAMES",
  },
  { action: "clear-marks", keys: ["U"], help: "take all marks away", group: "FRAMES" },
  { action: "next-mark", keys: ["'"], help: "next marked frame", group: "FRAMES" },
  { action: "diff", keys: ["d"], help: "compare with what was marked last", group: "ACT" },
  { action: "copy", keys: ["y"], help: "copy: y frame v value p path k key i id", group: "ACT" },
  { action: "copy-file", keys: ["Y"], help: "the same, to a file", group: "ACT" },
  { action: "write", keys: ["w"], help: "write the shown frames to a recording", group: "ACT" },
  { action: "swap", keys: ["s"], help: "in a diff: swap the sides", group: "ACT" },
  {
    action: "strict",
    keys: ["i"],
    help: "in a diff: count what is new in every run",
    group: "ACT",
  },
  {
    action: "open",
    keys: ["return"],
    help: "open: detail, evidence, frames of the connection",
    group: "ACT",
  },
  { action: "close", keys: ["escape"], help: "close or clear", group: "ACT" },
  { action: "command", keys: [":"], help: "command line; :123 goes to entry 123", group: "APP" },
  {
    action: "help",
    keys: ["?", "f1", "C-p"],
    help: "all that can be done; Enter does it",
    group: "APP",
  },
  { action: "redraw", keys: ["C-l"], help: "redraw the screen", group: "APP" },
  { action: "suspend", keys: ["C-z"], help: "suspend; fg comes back", group: "APP" },
  { action: "leave", keys: ["q"], help: "back, then quit", group: "APP" },
  { action: "quit", keys: ["Q", "C-c"], help: "quit now", group: "APP" },
] as const satisfies readonly Binding[];

/** What the user may ask for by key. */
export type Action = (typeof KEYMAP)[number]["action"];

/** What that key does in that pane, or null. */
export function findAction(key: string, pane: PaneName): Action | null {
  const bindings: readonly (Binding & { readonly action: Action })[] = KEYMAP;
  const bound = bindings.filter(({ keys }) => keys.includes(key));
  const special = bound.find(({ panes }) => panes?.includes(pane) === true);
  return (special ?? bound.find(({ panes }) => panes === undefined))?.action ?? null;
}

/** A key as people write it: `^D`, `PgUp`, `S-Tab`. */
export function renderKey(key: string): string {
  const shown = ownField(SHOWN_KEYS, key);
  if (shown !== undefined) return shown;
  return key.startsWith("C-") ? `^${key.slice(2).toUpperCase()}` : key;
}

const SHOWN_KEYS: Readonly<Record<string, string>> = {
  " ": "Space",
  down: "Down",
  up: "Up",
  left: "Left",
  right: "Right",
  home: "Home",
  end: "End",
  pagedown: "PgDn",
  pageup: "PgUp",
  tab: "Tab",
  "S-tab": "S-Tab",
  return: "Enter",
  escape: "Esc",
  f1: "F1",
};
