import type { DiffRow } from "./lines/diff.ts";
import type { State } from "./state.ts";

/** What lies over the panes until Esc. */
export type Page = TextPage | DiffPage;

/** The lines that a page has for its text: the screen without the bars and its frame. */
export function pageHeight({ size }: State): number {
  return Math.max(1, size.rows - 5);
}

/** A text to read. */
export interface TextPage {
  readonly kind: "text";
  readonly title: string;
  readonly text: string;
  /** The same, no wider than the screen. */
  readonly lines: readonly string[];
  readonly top: number;
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
