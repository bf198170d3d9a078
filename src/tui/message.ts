import type { Entry } from "../recording/entry.ts";
import type { FrameFilter } from "./reading/frame-filter.ts";
import type { FrameList } from "./reading/frame-list.ts";
import type { LiveState, RecordingState, State } from "./state.ts";
import type { TaskState } from "./task.ts";

/** What may happen to the screen. */
export type Message =
  /** `text` is the character typed, null for keys that type none. */
  | { readonly type: "key"; readonly key: string; readonly text: string | null }
  | { readonly type: "paste"; readonly text: string }
  | { readonly type: "mouse"; readonly action: MouseAction; readonly x: number; readonly y: number }
  | { readonly type: "resize"; readonly columns: number; readonly rows: number }
  | { readonly type: "recording"; readonly recording: RecordingState }
  | { readonly type: "entry"; readonly entry: Entry }
  | { readonly type: "notice"; readonly text: string }
  /** How far that is what takes a while; null when it is over. */
  | { readonly type: "task"; readonly task: TaskState | null }
  /** Entries up to `through` were read, and these match the filter of that scan. */
  | {
      readonly type: "matched";
      readonly scan: number;
      readonly through: number;
      readonly entries: readonly number[];
    }
  | { readonly type: "diff"; readonly a: Entry; readonly b: Entry }
  | { readonly type: "live"; readonly live: LiveState }
  /** No key will come any more. */
  | { readonly type: "hangup" }
  /** Time to put more entries through the filter. */
  | { readonly type: "scan" };

/** What the mouse did. */
export type MouseAction = "press" | "wheel-up" | "wheel-down";

/** What the program should do besides painting. */
export type Effect =
  | { readonly type: "load"; readonly entry: number }
  | { readonly type: "scan" }
  /** Read these entries and say which of them match. */
  | {
      readonly type: "match";
      readonly scan: number;
      readonly first: number;
      readonly last: number;
      readonly filter: FrameFilter;
    }
  | { readonly type: "diff"; readonly a: number; readonly b: number }
  | {
      readonly type: "copy";
      readonly text: string;
      readonly what: string;
      readonly toFile: boolean;
    }
  | { readonly type: "write"; readonly path: string; readonly list: FrameList }
  | { readonly type: "report"; readonly path: string }
  | { readonly type: "stop-task" }
  | { readonly type: "redraw" }
  | { readonly type: "suspend" }
  | { readonly type: "quit" };

/** The state with one more thing to do beside painting. */
export function withEffect(state: State, effect: Effect): State {
  return { ...state, effects: [...state.effects, effect] };
}
