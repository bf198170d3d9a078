/** A line of text with a cursor, in code units. */
export interface EditedLine {
  readonly text: string;
  readonly cursor: number;
}

/** The line after a key; null when the key edits nothing. */
export function editLine(
  { text, cursor }: EditedLine,
  key: string,
  typed: string | null,
): EditedLine | null {
  const before = text.slice(0, cursor);
  const after = text.slice(cursor);
  switch (key) {
    case "backspace":
      return { text: dropLast(before) + after, cursor: dropLast(before).length };
    case "delete":
      return { text: before + Array.from(after).slice(1).join(""), cursor };
    case "left":
      return { text, cursor: dropLast(before).length };
    case "right":
      return { text, cursor: cursor + (Array.from(after)[0]?.length ?? 0) };
    case "home":
    case "C-a":
      return { text, cursor: 0 };
    case "end":
    case "C-e":
      return { text, cursor: text.length };
    case "C-u":
      return { text: after, cursor: 0 };
    case "C-w": {
      const kept = before.replace(/\S+\s*$/, "");
      return { text: kept + after, cursor: kept.length };
    }
    default:
      return typed === null ? null : insertText({ text, cursor }, typed);
  }
}

/** The line with text put in at the cursor; line ends in it become spaces. */
export function insertText({ text, cursor }: EditedLine, typed: string): EditedLine {
  const clean = typed.replace(/[\r\n]+/g, " ");
  return {
    text: text.slice(0, cursor) + clean + text.slice(cursor),
    cursor: cursor + clean.length,
  };
}

function dropLast(text: string): string {
  return Array.from(text).slice(0, -1).join("");
}
