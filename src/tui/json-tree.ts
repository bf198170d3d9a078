/** One line of a value written as an indented tree. */
export interface TreeLine {
  readonly depth: number;
  /** Where the value stands, as `$.error.details[0]`. */
  readonly path: string;
  /** The name or index in the parent; null for the whole and for elements of an array. */
  readonly key: string | null;
  readonly kind: "leaf" | "open" | "folded" | "close";
  readonly value: unknown;
  readonly last: boolean;
}

/** Which containers the reader folded or unfolded, by path; the others follow `foldsByDefault`. */
export type Folds = ReadonlyMap<string, boolean>;

/** A part of a long container, so that a million elements never become a million lines at once. */
export class Slice {
  readonly from: number;
  readonly members: readonly Member[];

  constructor(from: number, members: readonly Member[]) {
    this.from = from;
    this.members = members;
  }
}

interface Member {
  readonly key: string | null;
  readonly path: string;
  readonly value: unknown;
}

const MAX_MEMBERS = 500;

// JSON.parse accepts nesting far deeper than calls may go: below this depth a container stays folded.
const MAX_DEPTH = 500;

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
  if (value instanceof Slice) return value.members.length;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

/** Whether a container is folded before the reader says anything: the deep and the long ones are. */
export function foldsByDefault(value: object, depth: number): boolean {
  if (value instanceof Slice) return true;
  return depth > 0 && (depth > 4 || memberCount(value) > 24);
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
  if (value instanceof Slice) return value.members;
  const members: Member[] = Array.isArray(value)
    ? value.map((element: unknown, index) => ({
        key: null,
        path: `${path}[${index}]`,
        value: element,
      }))
    : Object.entries(value).map(([key, member]: [string, unknown]) => ({
        key,
        path: path + pathStep(key),
        value: member,
      }));
  return members.length > MAX_MEMBERS ? slices(members, path) : members;
}

function slices(members: readonly Member[], path: string): readonly Member[] {
  const parts: Member[] = [];
  for (let from = 0; from < members.length; from += MAX_MEMBERS) {
    const part = members.slice(from, from + MAX_MEMBERS);
    const to = from + part.length - 1;
    parts.push({ key: null, path: `${path}[${from}..${to}]`, value: new Slice(from, part) });
  }
  return parts;
}

function pathStep(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
