import type { DiffRow } from "./lines/diff.ts";
import type { PickedFrames } from "./reading/frame-list.ts";

/** What lies over the panes until Esc. */
export type Page = TextPage | DiffPage | LadderPage;

/** A text to read. */
export interface TextPage {
  readonly kind: "text";
  readonly title: string;
  readonly lines: readonly string[];
  readonly top: number;
  /** True for the page of a running replay: closing it ends the replay. */
  readonly replay: boolean;
}

/** Two values side by side. */
export interface DiffPage {
  readonly kind: "diff";
  readonly a: DiffSide;
  readonly b: DiffSide;
  readonly rows: readonly DiffRow[];
  /** True counts what is new in every run as a change too. */
  readonly strict: boolean;
  readonly cursor: number;
  readonly top: number;
}

/** One side of a diff: what it is called, and its value. */
export interface DiffSide {
  readonly name: string;
  readonly value: unknown;
  /** True when credentials were taken out of it. */
  readonly redacted: boolean;
}

/** One conversation drawn as two lines with arrows between them. */
export interface LadderPage {
  readonly kind: "ladder";
  readonly connection: number;
  readonly list: PickedFrames;
  /** Entries up to this number were looked at. */
  readonly scanned: number;
  /** The entry that the cursor is on. */
  readonly cursor: number | null;
  readonly top: number;
}
