import { KEYMAP, renderKey, type Binding, type HelpGroup } from "../keymap.ts";

/** One line of the help: a heading, or keys and what they do. */
export interface HelpLine {
  readonly heading: HelpGroup | null;
  readonly keys: string;
  readonly help: string;
}

const GROUPS: readonly HelpGroup[] = ["MOVE", "VIEW", "FRAMES", "ACT", "APP"];

/** The help, or the part of it in which keys, name or words match what was typed. */
export function helpLines(query: string): readonly HelpLine[] {
  const bindings: readonly Binding[] = KEYMAP;
  const lines: HelpLine[] = [];
  for (const group of GROUPS) {
    const wanted = bindings.filter((binding) => binding.group === group && matches(binding, query));
    if (wanted.length === 0) continue;
    lines.push({ heading: group, keys: "", help: "" });
    for (const { keys, help, panes } of wanted) {
      const where = panes === undefined ? "" : ` (${panes.join(", ")})`;
      lines.push({ heading: null, keys: keys.map(renderKey).join("  "), help: help + where });
    }
  }
  return lines;
}

// One character looks for a key just as it is written; more are looked for everywhere.
function matches({ action, keys, help }: Binding, query: string): boolean {
  if (query === "") return true;
  if (keys.some((key) => key === query || renderKey(key) === query)) return true;
  return `${action} ${help} ${keys.map(renderKey).join(" ")}`
    .toLowerCase()
    .includes(query.toLowerCase());
}
