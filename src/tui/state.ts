import type { Finding } from "../findings/finding.ts";
import type { Entry, RecordingHeader } from "../recording/entry.ts";
import type { Trace } from "../trace/model.ts";
import type { Charset } from "./paint/clusters.ts";
import type { FrameFilter } from "./reading/frame-filter.ts";
import type { FrameSource } from "./reading/frame-index.ts";
import { allFrames, type FrameList } from "./reading/frame-list.ts";
import type { Folds, TreeLine } from "./lines/json-tree.ts";
import type { Effect } from "./message.ts";
import type { PaneName } from "./keymap.ts";
import type { Page } from "./page.ts";
import type { TaskState } from "./task.ts";
import type { ThemeName } from "./paint/theme.ts";

/** The whole of what the screen shows, as one value. Painting it twice paints the same. */
export interface State {
  readonly size: { readonly columns: number; readonly rows: number };
  readonly charset: Charset;
  /** Shows every non-ASCII character of the traced text as an escape. */
  readonly escapesAll: boolean;
  readonly theme: ThemeName;
  readonly mouse: boolean;
  readonly recording: RecordingState;
  readonly source: FrameSource;
  readonly focus: PaneName;
  /** Which of the two shares the lower pane where there is no room for both. */
  readonly shared: "diagnosis" | "detail";
  /** True when the user put the diagnosis away to see more frames. */
  readonly hidesDiagnosis: boolean;
  readonly maximised: boolean;
  readonly sizes: PaneSizes;
  readonly connections: ConnectionsState;
  readonly frames: FramesState;
  readonly detail: DetailState;
  readonly diagnosis: DiagnosisState;
  readonly prompt: Prompt | null;
  /** The list of all that can be done, narrowed by what was typed. */
  readonly help: { readonly query: string; readonly selected: number } | null;
  /** What lies over the panes: a text, a diff, a ladder. */
  readonly page: Page | null;
  /** What the next key chooses from. */
  readonly menu: "copy" | "copy-file" | null;
  /** Lines typed before, the latest last. */
  readonly history: Readonly<Partial<Record<Prompt["kind"], readonly string[]>>>;
  readonly timeMode: TimeMode;
  /** Since when relative time counts. */
  readonly timeReferenceMs: number;
  readonly marks: ReadonlySet<number>;
  /** Entries from which jumps began, the latest last. */
  readonly jumps: readonly number[];
  /** What is under way that takes a while; Esc stops it. */
  readonly task: TaskState | null;
  /** What there is to say about the last key; gone with the next. */
  readonly notice: string;
  /** False until the first key: only then may the selection move by itself. */
  readonly touched: boolean;
  /** How many scans were begun. */
  readonly scans: number;
  /** What is still to be done beside painting; the program takes it out as it does it. */
  readonly effects: readonly Effect[];
  /** What is being recorded right now; null when a file is looked at. */
  readonly live: LiveState | null;
}

/** The recording session behind the screen. */
export interface LiveState {
  /** Where clients connect. */
  readonly address: string;
  readonly upstream: string;
  /** Why the Gateway is not reached, or what else to mind. */
  readonly trouble: string | null;
}

/** What the user changed about the panes. */
export interface PaneSizes {
  /** Lines by which the lower panes are larger than they would be. */
  readonly lower: number;
  /** True puts the detail below the frames where it would stand beside them. */
  readonly stacked: boolean;
}

/** The connections pane. */
export interface ConnectionsState {
  readonly selected: number | null;
  readonly top: number;
  /** The connection that another one is to be compared with. */
  readonly marked: number | null;
  readonly order: ConnectionOrder;
  readonly reversed: boolean;
}

/** How connections are ordered. */
export type ConnectionOrder = "arrival" | "problems" | "client" | "calls";

/** How the time column counts. */
export type TimeMode = "relative" | "clock" | "delta" | "latency";

/** The recording as far as it is read. */
export interface RecordingState {
  readonly name: string;
  readonly header: RecordingHeader;
  readonly complete: boolean;
  readonly missing: readonly string[];
  /** True when entries came while we were looking. */
  readonly growing: boolean;
  readonly entryCount: number;
  /** Entries up to this number are read. The source may know more already; the screen does not, until it is told. */
  readonly readCount: number;
  readonly dropped: number;
  readonly problems: number;
  readonly trace: Trace;
  readonly findings: readonly Finding[];
}

/** Entries that are picked step by step. */
export interface Scan {
  /** Its number, so that late answers of an old one are known. */
  readonly id: number;
  readonly filter: FrameFilter | null;
  readonly list: FrameList;
  /** Entries up to this number have been looked at. */
  readonly scanned: number;
  /** True when the user stopped it before it had seen all. */
  readonly stopped: boolean;
}

/** The frames pane. The selection is an entry, not a row: rows may come and go around it. */
export interface FramesState extends Scan {
  /** Only this connection's frames; null shows all. */
  readonly connection: number | null;
  readonly onlyMarked: boolean;
  /** Set while the frames are drawn as a ladder: what there was before, to come back to. */
  readonly ladder: { readonly connection: number | null; readonly maximised: boolean } | null;
  /** Entries up to this number may be shown; behind `readCount` while paused. */
  readonly limit: number;
  readonly paused: boolean;
  readonly follow: boolean;
  /** The entry that the user chose last; a filter may hide it for a while. */
  readonly chosen: number | null;
  /** What is selected: the chosen entry, or while that is hidden the nearest one shown. */
  readonly selected: number | null;
  readonly top: number;
  readonly found: Find | null;
}

/** A search through the frames that are shown. */
export interface Find extends Scan {
  readonly filter: FrameFilter;
  /** The way to the match that is to be shown once it is known. */
  readonly wanted: 1 | -1 | null;
}

/** The detail pane. */
export interface DetailState {
  /** The entry that `lines` belong to. */
  readonly entry: Entry | null;
  readonly value: unknown;
  /** Set by hand; kept from frame to frame. */
  readonly folds: Folds;
  readonly lines: readonly TreeLine[];
  readonly cursor: number;
  readonly top: number;
  readonly search: TreeSearch | null;
}

/** A line of a value that holds what was looked for, and all that must be unfolded to see it. */
export interface TreeMatch {
  readonly path: string;
  readonly ancestors: readonly string[];
}

/** What was looked for in the value of the selected frame. */
export interface TreeSearch {
  readonly text: string;
  readonly matches: readonly TreeMatch[];
  /** Which of them the cursor was sent to last. */
  readonly at: number;
}

/** The diagnosis pane. */
export interface DiagnosisState {
  /** Which finding the cursor is on, and on which of its lines. */
  readonly finding: number;
  readonly line: number;
  readonly top: number;
  /** Which piece of evidence Enter shows next. */
  readonly evidence: number;
}

/** A line being typed at the bottom of the screen. */
export interface Prompt {
  readonly kind: "filter" | "find" | "search" | "command";
  readonly text: string;
  /** Where the next character goes, in code units. */
  readonly cursor: number;
  readonly error: string | null;
  /** The filter to come back to when the prompt is left with Esc. */
  readonly before: FrameFilter | null;
  /** How far Up went into the history; 0 is the line itself. */
  readonly back: number;
  /** The line as it was before Up. */
  readonly draft: string;
  /** The words that Tab goes through, and which of them is in the line. */
  readonly completion: Completion | null;
}

/** A completion under way. */
export interface Completion {
  /** The line before and behind what is completed. */
  readonly head: string;
  readonly tail: string;
  readonly options: readonly string[];
  readonly at: number;
}

/** What the user chose at the door. */
export interface ViewOptions {
  readonly columns: number;
  readonly rows: number;
  readonly charset: Charset;
  readonly theme: ThemeName;
  readonly mouse: boolean;
  readonly live?: LiveState | null;
}

const NO_DETAIL: DetailState = {
  entry: null,
  value: undefined,
  folds: new Map(),
  lines: [],
  cursor: 0,
  top: 0,
  search: null,
};

/** The first state: the first frame selected, or the newest when the recording is still being written. */
export function createState(
  recording: RecordingState,
  source: FrameSource,
  options: ViewOptions,
): State {
  const { columns, rows, charset, theme, mouse } = options;
  return {
    size: { columns, rows },
    charset,
    escapesAll: false,
    theme,
    mouse,
    recording,
    source,
    focus: "frames",
    shared: "diagnosis",
    hidesDiagnosis: false,
    maximised: false,
    sizes: { lower: 0, stacked: false },
    connections: { selected: null, top: 0, marked: null, order: "arrival", reversed: false },
    frames: {
      connection: null,
      filter: null,
      onlyMarked: false,
      ladder: null,
      list: allFrames(0),
      scanned: 0,
      stopped: false,
      id: 0,
      limit: 0,
      paused: false,
      follow: !recording.complete,
      chosen: null,
      selected: null,
      top: 0,
      found: null,
    },
    detail: NO_DETAIL,
    diagnosis: { finding: 0, line: 0, top: 0, evidence: 0 },
    prompt: null,
    help: null,
    page: null,
    menu: null,
    history: {},
    timeMode: "relative",
    timeReferenceMs: 0,
    marks: new Set(),
    jumps: [],
    task: null,
    notice: "",
    touched: false,
    scans: 1,
    effects: [],
    live: options.live ?? null,
  };
}
