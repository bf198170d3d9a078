import type { FramePath } from "../gateway/secrets.ts";

/** Says what to put in place of one string of a JSON text, or null to leave it. */
export type StringReplacer = (path: FramePath, value: string) => string | null;

/**
 * Replaces strings inside a JSON text and leaves every other byte as it is, spaces and repeated keys included. The text must be
 * valid JSON. `replace` is asked about values, not about keys.
 */
export function replaceJsonStrings(json: string, replace: StringReplacer): string {
  const path: (string | null)[] = [];
  let expectsKey = false;
  let copied = 0;
  let result = "";
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case OPEN_OBJECT:
        path.push("");
        expectsKey = true;
        break;
      case OPEN_ARRAY:
        path.push(null);
        expectsKey = false;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        path.pop();
        expectsKey = false;
        break;
      case COMMA:
        expectsKey = path.at(-1) !== null;
        break;
      case COLON:
        expectsKey = false;
        break;
      case QUOTE: {
        const end = endOfString(json, at);
        const value = unquote(json.slice(at, end));
        if (expectsKey) path[path.length - 1] = value;
        else {
          const replacement = replace(path, value);
          if (replacement !== null) {
            result += json.slice(copied, at) + JSON.stringify(replacement);
            copied = end;
          }
        }
        at = end - 1;
        break;
      }
    }
  }
  return copied === 0 ? json : result + json.slice(copied);
}

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const QUOTE = 0x22;

/** Where the string that begins at `start` ends, its closing quote included. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (end > 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end < 0 ? json.length : end + 1;
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json[at - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
}

function unquote(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  const value: unknown = JSON.parse(literal);
  return typeof value === "string" ? value : "";
}
