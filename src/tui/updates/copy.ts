import type { Entry } from "../../recording/entry.ts";
import { entryValue } from "../../views/entry-value.ts";
import { withEffect } from "../message.ts";
import type { State } from "../state.ts";

/** What the copy menu offers, by key. */
export const COPY_MENU: readonly (readonly [key: string, what: string])[] = [
  ["y", "frame"],
  ["v", "value"],
  ["p", "path"],
  ["k", "key"],
  ["i", "id"],
];

/** Copies what the key stands for; any other key closes the menu. */
export function chooseCopy(state: State, key: string): State {
  const closed = { ...state, menu: null };
  const what = COPY_MENU.find(([name]) => name === key)?.[1];
  if (what === undefined) return { ...closed, notice: "nothing copied" };
  const text = textOf(state, what);
  if (text === null) return { ...closed, notice: `there is no ${what} here to copy` };
  return withEffect(closed, { type: "copy", text, what, toFile: state.menu === "copy-file" });
}

function textOf({ detail, frames }: State, what: string): string | null {
  const { entry } = detail;
  if (entry === null || entry.entry !== frames.selected) return null;
  const line = detail.lines[detail.cursor];
  switch (what) {
    case "frame":
      return frameText(entry);
    case "value":
      return line === undefined ? null : valueText(line.value);
    case "path":
      return line?.path ?? null;
    case "key":
      return line?.key ?? null;
    case "id": {
      const value = entryValue(entry);
      const id: unknown =
        typeof value === "object" && value !== null ? Reflect.get(value, "id") : null;
      return typeof id === "string" ? id : null;
    }
    default:
      return null;
  }
}

// The message just as it is recorded; of any other entry, its fields.
function frameText(entry: Entry): string {
  return entry.kind === "message" && entry.message.type === "text"
    ? entry.message.text
    : JSON.stringify(entryValue(entry), null, 2);
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}
