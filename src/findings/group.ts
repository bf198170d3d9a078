import type { Connection, Rpc } from "../trace/model.ts";

/** A group is never empty. */
export type Group<T> = readonly [T, ...T[]];

/** Groups items that have the same key, in order of their first appearance. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): readonly Group<T>[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** The calls that a rule wants, those of one method with one error together. */
export function groupByMethod(
  connection: Connection,
  wanted: (rpc: Rpc) => boolean,
): readonly Group<Rpc>[] {
  return groupBy(
    connection.rpcs.filter(wanted),
    ({ method, error }) => `${method}\n${error?.message ?? ""}`,
  );
}

/** ` 3 times` after the first of three, nothing after an only one. */
export function timesOf(more: readonly unknown[]): string {
  return more.length === 0 ? "" : ` ${more.length + 1} times`;
}

/** The entries of calls, requests and answers. */
export function entriesOf(rpcs: readonly Rpc[]): readonly (number | null)[] {
  return rpcs.flatMap((rpc) => [rpc.requestEntry, rpc.responseEntry]);
}
