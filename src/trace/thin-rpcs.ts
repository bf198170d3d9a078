import type { Rpc } from "./model.ts";

/** Good calls of each method that are kept as examples, whatever their number. */
const EXAMPLES = 20;

/**
 * What is worth keeping of very many calls: all that failed or wait, the newest `keep`, the first of each method, and one good call
 * after those that failed, so that they do not look like more in a row than there were.
 * `awaited` are answered calls to which another answer is still to come.
 */
export function thinRpcs<T extends Rpc>(
  rpcs: readonly T[],
  awaited: ReadonlySet<Rpc>,
  keep: number,
): readonly T[] {
  const seen = new Map<string, number>();
  return rpcs.filter((rpc, index) => {
    if (rpc.ok !== true || awaited.has(rpc) || index >= rpcs.length - keep) return true;
    if (rpc.final?.ok === false || rpcs[index - 1]?.ok === false) return true;
    const count = (seen.get(rpc.method) ?? 0) + 1;
    seen.set(rpc.method, count);
    return count <= EXAMPLES;
  });
}
