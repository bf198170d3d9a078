/** One line of a value written as an indented tree. */
export interface TreeLine {
  readonly depth: number;
  /** Where the value stands, as `$.error.details[0]`. */
  readonly path: string;
  /** The name or index in the parent; null for the whole and for elements of an array. */
  readonly key: string | null;
  /** `raw` says how much is left out. */
  readonly kind: "leaf" | "open" | "folded" | "close" | "raw";
  readonly value: unknown;
  readonly last: boolean;
}

/** Which containers the reader folded or unfolded, by path; the others follow `foldsByDefault`. */
export type Folds = ReadonlyMap<string, boolean>;

/** So many lines are made of one value, whatever is unfolded; what is beyond is counted. */
const MAX_LINES = 20_000;

/** Below this depth a container stays folded: JSON.parse accepts nesting far deeper than calls may go. */
const MAX_DEPTH = 500;

/** The lines of a value, containers folded as asked. A folded container costs one line, whatever it holds. */
export function buildTreeLines(value: unknown, folds: Pick<Folds, "get">): readonly TreeLine[] {
  const lines: TreeLine[] = [];
  addLines(lines, folds, { depth: 0, path: "$", key: null, value, last: true });
  return lines;
}

/** The lines of a value with nothing folded. */
export function unfoldedLines(value: unknown): readonly TreeLine[] {
  return buildTreeLines(value, { get: () => false });
}

/** True for what can be folded. */
export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && memberCount(value) > 0;
}

/** How many members a container has; of an array, its length. */
export function memberCount(value: object): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

// Whether a container is folded before the reader says anything: the deep and the long ones are.
function foldsByDefault(value: object, depth: number): boolean {
  return depth > 0 && (depth > 4 || memberCount(value) > 24);
}

function addLines(lines: TreeLine[], folds: Pick<Folds, "get">, at: Omit<TreeLine, "kind">): void {
  const { depth, path, value } = at;
  if (!isContainer(value)) {
    lines.push({ ...at, kind: "leaf" });
    return;
  }
  if (depth > MAX_DEPTH || (folds.get(path) ?? foldsByDefault(value, depth))) {
    lines.push({ ...at, kind: "folded" });
    return;
  }
  lines.push({ ...at, kind: "open" });
  const isList = Array.isArray(value);
  const left = memberCount(value);
  let index = 0;
  for (const name in value) {
    if (!Object.hasOwn(value, name)) continue;
    if (lines.length >= MAX_LINES) {
      const rest = `… ${left - index} more; y v copies all`;
      lines.push({ depth, path: `${path}…`, key: null, kind: "raw", value: rest, last: true });
      break;
    }
    index += 1;
    addLines(lines, folds, {
      depth: depth + 1,
      path: path + (isList ? `[${name}]` : pathStep(name)),
      key: isList ? null : name,
      value: Reflect.get(value, name),
      last: index === left,
    });
  }
  lines.push({ ...at, key: null, kind: "close" });
}

/** How a path goes on to the member of that name. */
export function pathStep(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
