import type { Canvas } from "../paint/canvas.ts";
import { renderCount } from "../paint/format.ts";
import type { Layout } from "../layout.ts";
import { misspeltIn } from "../reading/frame-filter.ts";
import { isScanning, isSearching } from "../updates/frames-list.ts";
import { COPY_MENU } from "../updates/copy.ts";
import { optionsFor } from "../updates/prompt.ts";
import type { Find, FramesState, Prompt, State } from "../state.ts";
import type { TaskState } from "../task.ts";

/** Paints the line at the top: what is shown, how much of it, and what is missing from it. */
export function paintHeader(canvas: Canvas, state: State): void {
  const { recording, frames } = state;
  const right = [
    `c${recording.trace.connections.length}`,
    `f${renderCount(recording.readCount)}`,
    `err ${renderCount(recording.problems)}`,
    `drop ${renderCount(recording.dropped)}`,
    ...(recording.missing.length + recording.trace.gaps.length > 0 ? ["INCOMPLETE"] : []),
    ...(recording.header.redaction === "off" ? ["NOT REDACTED"] : []),
    ...(frames.paused ? [`PAUSED +${renderCount(recording.readCount - frames.limit)}`] : []),
    ...(frames.follow ? ["FOLLOW"] : []),
  ].join("  ");
  const room = state.size.columns - right.length - 2;
  canvas.put(0, 0, renderWhat(state, room), "bar", room);
  canvas.put(state.size.columns - right.length - 1, 0, right, "bar", right.length);
  canvas.reverse(0, 0, state.size.columns);
}

// What does not fit beside the counts: the Gateway, which the recording names.
function renderWhat(state: State, room: number): string {
  const { live, recording } = state;
  const begin = ` gw-trace ${renderSource(state)} `;
  if (live === null) return begin + recording.name;
  const whole = `${begin}${live.address} -> ${live.upstream}`;
  return whole.length <= room ? whole : begin + live.address;
}

function renderSource({ recording, live }: State): string {
  if (live !== null) return recording.trace.connections.length === 0 ? "WAITING" : "LIVE";
  if (recording.growing) return "LIVE";
  return recording.complete ? "FILE" : "OPEN";
}

/** Paints the lines at the bottom: what is typed, asked or to be said, and the keys that help now. */
export function paintFooter(canvas: Canvas, state: State, { footerRows }: Layout): void {
  const { columns, rows } = state.size;
  const first = rows - footerRows;
  const said = state.prompt === null ? renderSaid(state) : renderPrompt(state);
  canvas.put(0, first, said, problemOf(state) === null ? "text" : "error", columns);
  if (state.prompt !== null) paintTypingMark(canvas, state, first);
  if (footerRows === 2)
    canvas.put(0, rows - 1, fitHints(renderHints(state), columns), "key", columns);
}

// What is wrong with the filter: that which is typed, else that which holds.
function problemOf(state: State): string | null {
  const { prompt } = state;
  if (prompt !== null && (prompt.error !== null || prompt.kind !== "filter")) return prompt.error;
  const misspelt = misspeltIn(state);
  if (misspelt === null) return null;
  return `position ${misspelt.position}: ${misspelt.message}`;
}

const PROMPTS = {
  filter: " Filter: ",
  find: " Find: ",
  search: " Search: ",
  command: " :",
} as const;

function renderPrompt(state: State): string {
  const { prompt } = state;
  if (prompt === null) return "";
  return `${PROMPTS[prompt.kind]}${prompt.text}    ${problemOf(state) ?? renderVerdict(state, prompt)}`;
}

function renderVerdict({ frames, detail }: State, { kind, text }: Prompt): string {
  switch (kind) {
    case "filter":
      return `valid  ${renderMatches(frames)}`;
    case "find":
      return text === "" ? "" : "valid";
    case "search":
      return text === "" ? "" : `${renderCount(detail.search?.matches.length ?? 0)} in this frame`;
    case "command":
      return "";
  }
}

/** How much matches, and how much of it all was looked at. */
function renderMatches({ list, limit, scanned }: FramesState): string {
  const percent = limit === 0 ? 100 : Math.floor((scanned / limit) * 100);
  return `${renderCount(list.length)} of ${renderCount(limit)}  scan ${percent}%`;
}

// Reverse, since the terminal's own cursor is hidden.
function paintTypingMark(canvas: Canvas, { prompt }: State, y: number): void {
  if (prompt === null) return;
  const before = PROMPTS[prompt.kind] + prompt.text.slice(0, prompt.cursor);
  const x = canvas.put(0, y, before, prompt.error === null ? "text" : "error", canvas.columns - 1);
  canvas.reverse(x, y, 1);
}

function renderSaid(state: State): string {
  const { notice, frames, recording, live } = state;
  if (state.menu !== null) return ` ${renderMenu(state.menu)}`;
  if (notice !== "") return ` ${notice}`;
  if (state.task !== null) return ` ${renderTask(state.task)}   Esc stops`;
  if (isScanning(state)) return ` Filter: ${renderMatches(frames)}   Esc stops`;
  if (frames.found !== null && (isSearching(state) || frames.found.list.length > 0))
    return ` ${renderFound(frames.found, state)}`;
  const [missing] = recording.missing;
  if (missing !== undefined) return ` missing: ${missing}`;
  if (frames.filter !== null)
    return ` Filter: ${frames.filter.text}   ${problemOf(state) ?? renderMatches(frames)}   Esc clears`;
  if (live !== null && live.trouble !== null) return ` ${live.trouble}`;
  return " No filter; try / and then ok==false, conn==c2, method~chat";
}

function renderTask({ what, done, whole }: TaskState): string {
  const percent = Math.floor((done / Math.max(1, whole)) * 100);
  return `${what}: ${renderCount(done)} of ${renderCount(whole)} entries, ${percent}%`;
}

function renderMenu(menu: "copy" | "copy-file"): string {
  const choices = COPY_MENU.map(([key, what]) => `${key} ${what}`).join("   ");
  return `${menu === "copy" ? "copy" : "to a file"}:   ${choices}   Esc nothing`;
}

function renderFound({ filter, list, scanned }: Find, state: State): string {
  const { selected } = state.frames;
  const at = selected === null ? 0 : list.positionOf(selected);
  const isOn = selected !== null && list.entryAt(at) === selected;
  const position = isOn ? `match ${renderCount(at + 1)} of` : "";
  const seen = Math.floor((scanned / Math.max(1, state.frames.scanned)) * 100);
  const more = isSearching(state) ? `  ${seen}% searched, Esc stops` : "";
  return `Find: ${filter.text}   ${position} ${renderCount(list.length)}${position === "" ? " matches" : ""}${more}   n N`;
}

function renderHints(state: State): string {
  const { prompt, focus, page, help } = state;
  if (help !== null)
    return " type to filter  Backspace widens  Up Down choose  Enter do  Esc close";
  if (prompt !== null) return renderPromptHints(state, prompt);
  if (page !== null) return PAGE_HINTS[page.kind];
  switch (focus) {
    case "detail":
      return " h l fold  e c all  / search  Enter whole  a A filter  y copy  ? help  q back";
    case "connections":
      return " Enter its frames  L ladder  m mark  d diff  o v order  Tab pane  ? help  q quit";
    case "diagnosis":
      return " Enter evidence  \\ whole screen  ] [ problem  d contrast  ? help  q quit";
    case "frames":
      if (state.frames.ladder !== null)
        return " j k move  Enter frame  % pair  ] [ problem  / filter  ? help  Esc close";
      return " ] [ problem  3 why  Enter detail  % pair  / filter  F follow  ? help  q quit";
  }
}

// Where there is no room for all, the last two stay: they lead to the rest, and out.
function fitHints(hints: string, columns: number): string {
  const parts = hints.trim().split(/ {2,}/);
  while (parts.length > 2 && parts.join("  ").length >= columns) parts.splice(-3, 1);
  return ` ${parts.join("  ")}`;
}

const PAGE_HINTS = {
  text: " j k PgDn scroll  y copy  Esc close",
  diff: " n N change  i what is new in every run  s swap  y copy  Esc close",
} as const;

// The words that Tab would put in, the one that is in the line in brackets.
function renderPromptHints(state: State, prompt: Prompt): string {
  const { completion } = prompt;
  const { options, at } = completion ?? optionsFor(state, prompt) ?? { options: [], at: -1 };
  if (options.length === 0) return " Enter accept   Esc cancel   Up Down history";
  const shown = options.slice(Math.max(0, at - 3)).map((option, index) => {
    return index + Math.max(0, at - 3) === at ? `[${option}]` : option;
  });
  return ` Tab: ${shown.join("  ")}`;
}
