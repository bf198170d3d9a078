import type { Action } from "../keymap.ts";

/** Where a cursor in a list of `length` lines goes on a move, with `height` lines in view; null when the action is no move. */
export function moveCursor(
  cursor: number,
  length: number,
  height: number,
  action: Action,
): number | null {
  const page = Math.max(1, height - 1);
  const half = Math.max(1, Math.floor(height / 2));
  const target = targetOf(action, cursor, { page, half, length });
  return target === null ? null : Math.max(0, Math.min(target, length - 1));
}

interface Steps {
  readonly page: number;
  readonly half: number;
  readonly length: number;
}

function targetOf(action: Action, cursor: number, { page, half, length }: Steps): number | null {
  switch (action) {
    case "down":
      return cursor + 1;
    case "up":
      return cursor - 1;
    case "half-down":
      return cursor + half;
    case "half-up":
      return cursor - half;
    case "page-down":
      return cursor + page;
    case "page-up":
      return cursor - page;
    case "first":
      return 0;
    case "last":
      return length - 1;
    default:
      return null;
  }
}

/** The first line to show so that the cursor is in view, moved no further than it must be, and no line is wasted at the end. */
export function scrollTo(top: number, cursor: number, height: number, length: number): number {
  if (height <= 0) return top;
  const lowest = Math.max(0, length - height);
  const wanted = Math.max(cursor - height + 1, Math.min(top, cursor));
  return Math.max(0, Math.min(wanted, lowest));
}
