import type { Rpc } from "./model.ts";

/**
 * Gives what is to stand for a good call that is long over; others may stand for it as well. `isEarly` says that it was sent before the
 * connect was answered.
 */
export type CondenseRpc = (rpc: Rpc, isEarly: boolean) => Rpc;

/** So many of the newest calls of a connection are left as they are: the next messages are about them. */
export const CONDENSED_AFTER = 32;

/**
 * True for a call that says no more than others like it: answered well, and with no idempotency key, of which each is looked at. A
 * call in `awaited` is to be answered once more.
 */
export function isCondensable(rpc: Rpc, awaited: ReadonlySet<Rpc>): boolean {
  if (rpc.ok !== true || rpc.final?.ok === false) return false;
  return rpc.idempotencyKey === null && !awaited.has(rpc);
}
