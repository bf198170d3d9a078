import { nameGap } from "../../findings/wording.ts";
import type { Connection, Gap, Rpc } from "../../trace/model.ts";

/** What nobody recorded of a connection while it was open, in words; null when nothing is missing. */
export function describeGaps({ gaps }: Connection): string | null {
  const [first, ...more] = gaps;
  if (first === undefined) return null;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  return `what was said ${nameGap(first)}${others} was not recorded`;
}

/** Why the recording does not show how a call was answered in the end; null when it does, or shows that it was not. */
export function whyCallIsUnseen(traced: Connection, rpc: Rpc): string | null {
  const { ok, awaitsFinal, requestEntry, responseEntry } = rpc;
  if (ok !== null && !awaitsFinal) return null;
  return whyUnseenAfter(traced, responseEntry ?? requestEntry);
}

/** Why the recording does not show how `connect` was answered; null when it does, or shows that it was not. */
export function whyConnectIsUnseen(traced: Connection): string | null {
  const { connectEntry, answerEntry } = traced.handshake;
  if (connectEntry === null || answerEntry !== null) return null;
  return whyUnseenAfter(traced, connectEntry);
}

function whyUnseenAfter({ gaps, close }: Connection, entry: number): string | null {
  const gap = gaps.findLast((one) => mayHideAfter(one, entry));
  if (gap !== undefined) return `its answer may be in what was not recorded, ${nameGap(gap)}`;
  if (close === null) return "the recording ends before its answer";
  return close.by === "tap" ? "gw-trace was stopped before its answer" : null;
}

function mayHideAfter({ side, untilMs, entry }: Gap, after: number): boolean {
  return side !== "client" && (untilMs === null || entry > after);
}
