import type { FieldName } from "../../filter/fields.ts";
import type { TreeLine } from "../lines/json-tree.ts";
import { parseFrameFilter } from "../reading/frame-filter.ts";
import type { FrameRow } from "../reading/frame-row.ts";
import type { State } from "../state.ts";
import { showFiltered } from "./frames.ts";
import { rememberLine } from "./open-prompt.ts";

/** Shows only what is like the thing under the cursor (`wanted`), or all but that; the filter that holds goes on holding. */
export function filterOnCursor(state: State, wanted: boolean): State {
  const term = termAtCursor(state);
  if (term === null) return { ...state, notice: "no filter can ask for this" };
  const text = narrow(state.frames.filter?.text ?? "", term, wanted);
  const parsed = parseFrameFilter(text);
  return parsed.ok
    ? showFiltered(rememberLine(state, "filter", text), parsed.filter)
    : { ...state, notice: `not a filter: ${text}: ${parsed.problem.message}` };
}

function termAtCursor(state: State): string | null {
  const { focus, frames, detail, connections, diagnosis, recording, source } = state;
  switch (focus) {
    case "connections":
      return connections.selected === null ? null : `conn==c${connections.selected}`;
    case "diagnosis": {
      const finding = recording.findings[diagnosis.finding];
      return finding === undefined ? null : compare("finding", finding.code);
    }
    case "detail": {
      const line = detail.lines[detail.cursor];
      return line === undefined ? null : termOfLine(line);
    }
    case "frames":
      return frames.selected === null ? null : termOfRow(source.row(frames.selected));
  }
}

// Places in a frame that a field of the filter language stands for.
const FIELD_OF_PATH: readonly (readonly [RegExp, FieldName])[] = [
  [/^\$\.method$/, "method"],
  [/^\$\.event$/, "event"],
  [/^\$\.id$/, "id"],
  [/^\$\.ok$/, "ok"],
  [/^\$\.error\.(?:code|details\.code)$/, "code"],
  [/[sS]copes\[\d+\]$/, "scope"],
];

// Longer texts are seldom said twice.
const MAX_TEXT = 200;

/** A filter that finds what is like a line of the frames: its method or event, else its connection. */
export function termOfRow({ facts, connection }: FrameRow): string | null {
  if (facts.event !== null) return compare("event", facts.event);
  if (facts.method !== null && facts.type !== "http") return compare("method", facts.method);
  return connection === 0 ? null : `conn==c${connection}`;
}

/** A filter that finds the value on a line of the detail; null where no filter can. */
function termOfLine({ kind, path, value }: TreeLine): string | null {
  if (kind !== "leaf") return null;
  const field = FIELD_OF_PATH.find(([place]) => place.test(path))?.[1];
  if (field !== undefined) return compare(field, String(value));
  return typeof value === "string" && value !== "" && value.length <= MAX_TEXT
    ? quote(JSON.stringify(value).slice(1, -1))
    : null;
}

/** A filter with a condition more, which must hold or must not; the same filter when it says so already. */
export function narrow(filter: string, term: string, wanted: boolean): string {
  const condition = wanted ? term : negate(term);
  if (filter === "") return condition;
  if (filter.split(" && ").includes(condition)) return filter;
  return `${filter.includes("||") ? `(${filter})` : filter} && ${condition}`;
}

function negate(term: string): string {
  return term.startsWith('"') ? `!${term}` : term.replace("==", "!=");
}

function compare(field: FieldName, value: string): string {
  return `${field}==${/^[\w.:-]+$/.test(value) ? value : quote(value)}`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}
