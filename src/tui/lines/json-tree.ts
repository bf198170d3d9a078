/** One line of a value written as an indented tree. */
export interface TreeLine {
  readonly depth: number;
  /** Where the value stands, as `$.error.details[0]`. */
  readonly path: string;
  /** The name or index in the parent; null for the whole and for elements of an array. */
  readonly key: string | null;
  /** `raw` is a line of plain text: bytes, or a part of a long value. */
  readonly kind: "leaf" | "open" | "folded" | "close" | "raw";
  readonly value: unknown;
  readonly last: boolean;
}

/** Which containers the reader folded or unfolded, by path; the others follow `foldsByDefault`. */
export type Folds = ReadonlyMap<string, boolean>;

/** A part of a long container, so that a million elements never become a million lines at once. */
export class Slice {
  readonly container: object;
  readonly path: string;
  readonly from: number;
  readonly count: number;

  constructor(container: object, path: string, from: number, count: number) {
    this.container = container;
    this.path = path;
    this.from = from;
    this.count = count;
  }
}

interface Member {
  readonly key: string | null;
  readonly path: string;
  readonly value: unknown;
}

const MAX_MEMBERS = 500;

/** Below this depth a container stays folded: JSON.parse accepts nesting far deeper than calls may go. */
export const MAX_DEPTH = 500;

/** The lines of a value, containers folded as asked. A folded container costs one line, whatever it holds. */
export function buildTreeLines(value: unknown, folds: Folds): readonly TreeLine[] {
  const lines: TreeLine[] = [];
  addLines(lines, { key: null, path: "$", value }, { depth: 0, last: true, folds });
  return lines;
}

/** True for what can be folded. */
export function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null && memberCount(value) > 0;
}

/** How many members a container has; of an array, its length. */
export function memberCount(value: object): number {
  if (value instanceof Slice) return value.count;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Whether a container is folded before the reader says anything: the deep and the long ones are. */
function foldsByDefault(value: object, depth: number): boolean {
  if (value instanceof Slice) return true;
  return depth > 0 && (depth > 4 || memberCount(value) > 24);
}

/** The lines of a plain text. */
export function rawLines(texts: readonly string[]): readonly TreeLine[] {
  return texts.map((value, index) => ({
    depth: 0,
    path: `line ${index + 1}`,
    key: null,
    kind: "raw",
    value,
    last: true,
  }));
}

/** The path of the part of a long container that holds its member number `index`; null where the container is not cut up. */
export function slicePath(path: string, count: number, index: number): string | null {
  if (count <= MAX_MEMBERS) return null;
  const from = Math.floor(index / MAX_MEMBERS) * MAX_MEMBERS;
  return `${path}[${from}..${Math.min(from + MAX_MEMBERS, count) - 1}]`;
}

interface Place {
  readonly depth: number;
  readonly last: boolean;
  readonly folds: Folds;
}

function addLines(lines: TreeLine[], { key, path, value }: Member, place: Place): void {
  const { depth, last, folds } = place;
  if (!isContainer(value)) {
    lines.push({ depth, path, key, kind: "leaf", value, last });
    return;
  }
  if (depth > MAX_DEPTH || (folds.get(path) ?? foldsByDefault(value, depth))) {
    lines.push({ depth, path, key, kind: "folded", value, last });
    return;
  }
  lines.push({ depth, path, key, kind: "open", value, last });
  const members = membersOf(value, path);
  for (const [index, member] of members.entries())
    addLines(lines, member, { depth: depth + 1, last: index === members.length - 1, folds });
  lines.push({ depth, path, key: null, kind: "close", value, last });
}

function membersOf(value: object, path: string): readonly Member[] {
  if (value instanceof Slice)
    return membersBetween(value.container, value.path, value.from, value.from + value.count);
  const count = memberCount(value);
  return count > MAX_MEMBERS ? slices(value, path, count) : membersBetween(value, path, 0, count);
}

function membersBetween(container: object, path: string, from: number, to: number): Member[] {
  if (Array.isArray(container))
    return container.slice(from, to).map((element: unknown, index) => ({
      key: null,
      path: `${path}[${from + index}]`,
      value: element,
    }));
  const members: readonly [string, unknown][] = Object.entries(container);
  return members
    .slice(from, to)
    .map(([key, value]) => ({ key, path: path + pathStep(key), value }));
}

function slices(container: object, path: string, count: number): readonly Member[] {
  return Array.from({ length: Math.ceil(count / MAX_MEMBERS) }, (_, index) => {
    const from = index * MAX_MEMBERS;
    const size = Math.min(MAX_MEMBERS, count - from);
    const slice = new Slice(container, path, from, size);
    return { key: null, path: `${path}[${from}..${from + size - 1}]`, value: slice };
  });
}

/** How a path goes on to the member of that name. */
export function pathStep(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
