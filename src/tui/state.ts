import type { Finding } from "../findings/finding.ts";
import type { Entry, RecordingHeader } from "../recording/entry.ts";
import type { Trace } from "../trace/model.ts";
import type { Charset } from "./clusters.ts";
import type { FrameFilter } from "./filter.ts";
import type { FrameSource } from "./frame-index.ts";
import { allFrames, type FrameList } from "./frame-list.ts";
import type { Folds, TreeLine } from "./json-tree.ts";
import type { PaneName } from "./keymap.ts";
import type { ThemeName } from "./theme.ts";

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
  readonly maximised: boolean;
  readonly connections: { readonly selected: number | null; readonly top: number };
  readonly frames: FramesState;
  readonly detail: DetailState;
  readonly diagnosis: DiagnosisState;
  readonly prompt: Prompt | null;
  readonly help: { readonly query: string; readonly top: number } | null;
  readonly timeMode: TimeMode;
  /** Since when relative time counts. */
  readonly timeReferenceMs: number;
  readonly marks: ReadonlySet<number>;
  /** Entries from which jumps began, the latest last. */
  readonly jumps: readonly number[];
  /** What there is to say about the last key; gone with the next. */
  readonly notice: string;
  /** False until the first key: only then may the selection move by itself. */
  readonly touched: boolean;
}

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

/** The frames pane. The selection is an entry, not a row: rows may come and go around it. */
export interface FramesState {
  /** Only this connection's frames; null shows all. */
  readonly connection: number | null;
  readonly filter: FrameFilter | null;
  readonly onlyMarked: boolean;
  readonly list: FrameList;
  /** Entries up to this number have been through the filter. */
  readonly scanned: number;
  /** Entries up to this number may be shown; behind `readCount` while paused. */
  readonly limit: number;
  readonly paused: boolean;
  readonly follow: boolean;
  /** The entry that the user chose last; a filter may hide it for a while. */
  readonly chosen: number | null;
  /** What is selected: the chosen entry, or while that is hidden the nearest one shown. */
  readonly selected: number | null;
  readonly top: number;
  readonly found: FrameFilter | null;
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
  readonly kind: "filter" | "find" | "command";
  readonly text: string;
  /** Where the next character goes, in code units. */
  readonly cursor: number;
  readonly error: string | null;
  /** The filter to come back to when the prompt is left with Esc. */
  readonly before: FrameFilter | null;
}

/** What the user chose at the door. */
export interface ViewOptions {
  readonly columns: number;
  readonly rows: number;
  readonly charset: Charset;
  readonly theme: ThemeName;
  readonly mouse: boolean;
}

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
    maximised: false,
    connections: { selected: null, top: 0 },
    frames: {
      connection: null,
      filter: null,
      onlyMarked: false,
      list: allFrames(0),
      scanned: 0,
      limit: 0,
      paused: false,
      follow: !recording.complete,
      chosen: null,
      selected: null,
      top: 0,
      found: null,
    },
    detail: { entry: null, value: undefined, folds: new Map(), lines: [], cursor: 0, top: 0 },
    diagnosis: { finding: 0, line: 0, top: 0, evidence: 0 },
    prompt: null,
    help: null,
    timeMode: "relative",
    timeReferenceMs: 0,
    marks: new Set(),
    jumps: [],
    notice: "",
    touched: false,
  };
}
