import type { Entry } from "../recording/entry.ts";
import type { RecordingState, State } from "./state.ts";

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
  | { readonly type: "redraw" }
  | { readonly type: "suspend" }
  | { readonly type: "quit" };

/** A new state and what to do beside it. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}
