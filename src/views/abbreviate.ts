import { parseJson } from "../gateway/parse-json.ts";

/** Tried one after the other until the text fits: how many elements of a list stay, and how many characters of a string. */
const LIMITS = [
  { elements: 24, characters: 400 },
  { elements: 6, characters: 160 },
  { elements: 3, characters: 60 },
] as const;

const MAX_FIELDS = 24;
const MAX_DEPTH = 8;

type Limits = (typeof LIMITS)[number];

/**
 * A frame in at most about `maxCharacters`, on one line. Long lists and strings in JSON are cut where they stand, so that what comes
 * after them is seen: the scopes of a hello-ok come after a hundred method names. Each cut is marked with `…` and how much is gone.
 */
export function abbreviateFrame(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const value = parseJson(text);
  for (const limits of value === undefined ? [] : LIMITS) {
    const shorter = JSON.stringify(abbreviate(value, limits, 0));
    if (shorter.length <= maxCharacters) return shorter;
  }
  return `${text.slice(0, maxCharacters)} … (${text.length - maxCharacters} more characters)`;
}

function abbreviate(value: unknown, limits: Limits, depth: number): unknown {
  if (typeof value === "string") return cut(value, limits.characters);
  if (typeof value !== "object" || value === null) return value;
  const members: readonly [string, unknown][] = Object.entries(value);
  if (depth >= MAX_DEPTH) return `… ${members.length} inside`;
  const most = Array.isArray(value) ? limits.elements : MAX_FIELDS;
  const more = members.length - most;
  const kept = members
    .slice(0, most)
    .map(
      ([key, member]) =>
        [cut(key, limits.characters), abbreviate(member, limits, depth + 1)] as const,
    );
  if (Array.isArray(value))
    return [...kept.map(([, member]) => member), ...(more > 0 ? [`… ${more} more`] : [])];
  return Object.fromEntries([...kept, ...(more > 0 ? [["…", `${more} more`] as const] : [])]);
}

function cut(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${text.slice(0, characters)}… ${text.length - characters} more characters`;
}
