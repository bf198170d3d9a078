import { isContainer, MAX_DEPTH, memberCount, pathStep, slicePath } from "./json-tree.ts";

/** A line of a value that holds what was looked for, and all that must be unfolded to see it. */
export interface TreeMatch {
  readonly path: string;
  readonly ancestors: readonly string[];
}

const MAX_MATCHES = 10_000;

/**
 * Where a text stands in a value, in its names or in its leaves, whatever the case. Stops after ten thousand. In a frame that was not read
 * yet, which has no value, it stands nowhere.
 */
export function findInTree(value: unknown, text: string): readonly TreeMatch[] {
  const matches: TreeMatch[] = [];
  if (text === "" || value === undefined) return matches;
  const search: Search = { wanted: text.toLowerCase(), matches };
  visit(search, null, value, { path: "$", ancestors: [] });
  return matches;
}

interface Search {
  readonly wanted: string;
  readonly matches: TreeMatch[];
}

function visit(search: Search, key: string | null, value: unknown, place: TreeMatch): void {
  if (search.matches.length >= MAX_MATCHES || place.ancestors.length > MAX_DEPTH) return;
  const isInName = key !== null && key.toLowerCase().includes(search.wanted);
  if (!isContainer(value)) {
    const leaf = typeof value === "string" ? value : JSON.stringify(value);
    const isInLeaf = leaf.toLowerCase().includes(search.wanted);
    if (isInName || isInLeaf) search.matches.push(place);
    return;
  }
  if (isInName) search.matches.push(place);
  const count = memberCount(value);
  const isList = Array.isArray(value);
  let index = 0;
  for (const [name, member] of Object.entries(value)) {
    const slice = slicePath(place.path, count, index);
    index++;
    const ancestors = [...place.ancestors, place.path, ...(slice === null ? [] : [slice])];
    const path = place.path + (isList ? `[${name}]` : pathStep(name));
    visit(search, isList ? null : name, member, { path, ancestors });
  }
}
