import { fitsRedacted } from "../../diff/compare-values.ts";
import { isJsonObject, ownField } from "../../gateway/json-object.ts";
import { isVolatileField, maskText } from "../../gateway/volatile.ts";
import { isContainer, memberCount, pathStep } from "./json-tree.ts";

/** One line of two values side by side. */
export interface DiffRow {
  readonly depth: number;
  readonly path: string;
  /** What the line shows of each side; null where that side has nothing there. */
  readonly a: string | null;
  readonly b: string | null;
  /** `same`, a change, or a difference that is new in every run and does not count. */
  readonly mark: "same" | "changed" | "removed" | "added" | "ignored";
}

/** What counts as a difference. */
export interface DiffRules {
  /** True counts what is new in every run too. */
  readonly strict: boolean;
  /** True when credentials were taken out: what stands for one equals any text. */
  readonly redacted: boolean;
}

const MAX_DEPTH = 60;
const MAX_ROWS = 20_000;

/** Two values as lines side by side: parts that are the same fold into one line, what differs is shown whole. */
export function buildDiffRows(a: unknown, b: unknown, rules: DiffRules): readonly DiffRow[] {
  const differ = new Differ(rules);
  differ.compare(a, b, { key: null, path: "$", depth: 0, masked: false });
  return differ.rows;
}

/** True for a line that n and N stop at. */
export function isChange({ mark }: DiffRow): boolean {
  return mark === "changed" || mark === "removed" || mark === "added";
}

interface Place {
  readonly key: string | null;
  readonly path: string;
  readonly depth: number;
  /** True below a field whose value is new in every run. */
  readonly masked: boolean;
}

/** Walks two values at once. Undefined stands for what is not there. */
class Differ {
  readonly rows: DiffRow[] = [];
  private readonly rules: DiffRules;

  constructor(rules: DiffRules) {
    this.rules = rules;
  }

  compare(a: unknown, b: unknown, place: Place): void {
    if (this.rows.length > MAX_ROWS) return;
    const bothLists = Array.isArray(a) && Array.isArray(b);
    const bothObjects = isJsonObject(a) && isJsonObject(b);
    const goesIn = (bothLists || bothObjects) && isContainer(a) && isContainer(b);
    if (!goesIn || place.depth >= MAX_DEPTH || this.isSame(a, b, place)) {
      this.note(a, b, place);
      return;
    }
    const brackets = bothLists ? ["[", "]"] : ["{", "}"];
    this.line(place, brackets[0] ?? "");
    if (bothLists) this.compareLists(a, b, place);
    else if (bothObjects) this.compareObjects(a, b, place);
    this.line({ ...place, key: null }, brackets[1] ?? "");
  }

  private compareObjects(
    a: Readonly<Record<string, unknown>>,
    b: Readonly<Record<string, unknown>>,
    place: Place,
  ): void {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      // The id of a frame and what a run makes up anew; that such a field is there at all does count.
      const isNew = isVolatileField(key) || (place.depth === 0 && key === "id");
      this.compare(ownField(a, key), ownField(b, key), {
        key,
        path: place.path + pathStep(key),
        depth: place.depth + 1,
        masked: place.masked || (isNew && Object.hasOwn(a, key) && Object.hasOwn(b, key)),
      });
    }
  }

  private compareLists(a: readonly unknown[], b: readonly unknown[], place: Place): void {
    for (const [left, right, index] of alignLists(a, b)) {
      this.compare(left, right, {
        ...place,
        key: null,
        path: `${place.path}[${index}]`,
        depth: place.depth + 1,
      });
    }
  }

  private isSame(a: unknown, b: unknown, place: Place): boolean {
    return JSON.stringify(a) === JSON.stringify(b) || (place.masked && !this.rules.strict);
  }

  private note(a: unknown, b: unknown, place: Place): void {
    const mark = this.markOf(a, b, place);
    const [left, right] = [a, b].map((side) => (side === undefined ? null : named(place, side)));
    this.rows.push({
      depth: place.depth,
      path: place.path,
      a: left ?? null,
      b: right ?? null,
      mark,
    });
  }

  private line(place: Place, text: string): void {
    const shown = nameOf(place) + text;
    this.rows.push({ depth: place.depth, path: place.path, a: shown, b: shown, mark: "same" });
  }

  private markOf(a: unknown, b: unknown, { masked }: Place): DiffRow["mark"] {
    if (a === undefined) return "added";
    if (b === undefined) return "removed";
    if (JSON.stringify(a) === JSON.stringify(b)) return "same";
    if (this.rules.strict) return "changed";
    if (masked) return "ignored";
    if (typeof a !== "string" || typeof b !== "string") return "changed";
    if (maskText(a) === maskText(b)) return "ignored";
    const isHidden = this.rules.redacted && (fitsRedacted(a, b) || fitsRedacted(b, a));
    return isHidden ? "ignored" : "changed";
  }
}

type Aligned = readonly [a: unknown, b: unknown, index: number];

// What both lists begin and end with stands beside each other, whatever was put in or taken out between.
function alignLists(a: readonly unknown[], b: readonly unknown[]): readonly Aligned[] {
  const [left, right] = [a.map(textOf), b.map(textOf)];
  const shorter = Math.min(a.length, b.length);
  let begin = 0;
  while (begin < shorter && left[begin] === right[begin]) begin++;
  let end = 0;
  while (end < shorter - begin && left.at(-1 - end) === right.at(-1 - end)) end++;
  const length = Math.max(a.length, b.length);
  const at = (list: readonly unknown[], index: number): unknown =>
    index < length - end
      ? index < list.length - end
        ? list[index]
        : undefined
      : list[index - length + list.length];
  return Array.from({ length }, (_, index) => [at(a, index), at(b, index), index] as const);
}

function textOf(value: unknown): string {
  return maskText(JSON.stringify(value) ?? "");
}

function nameOf({ key }: Place): string {
  return key === null ? "" : `${JSON.stringify(key)}: `;
}

function named(place: Place, value: unknown): string {
  return nameOf(place) + renderShort(value);
}

function renderShort(value: unknown): string {
  if (typeof value !== "object" || value === null)
    return JSON.stringify(value)?.slice(0, 400) ?? "";
  const whole = JSON.stringify(value);
  if (whole.length <= 60) return whole;
  const count = memberCount(value);
  return Array.isArray(value) ? `[ ${count} items ]` : `{ ${count} keys }`;
}
