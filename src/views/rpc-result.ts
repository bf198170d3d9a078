import type { Rpc } from "../trace/model.ts";
import { toPrintable } from "./printable.ts";
import { colorsOf, type Style } from "./style.ts";

/** How a call ended, in few words: `ok`, `ok, then done`, `no answer`, `not recorded` or `REFUSED` with the Gateway's message. */
export function renderResult(rpc: Rpc, style: Style): string {
  const colors = colorsOf(style);
  if (rpc.answerLost) return colors.yellow("not recorded");
  if (rpc.ok === null) return colors.yellow("no answer");
  if (rpc.error !== null)
    return colors.red(`REFUSED ${toPrintable(rpc.error.message || rpc.error.code)}`);
  if (rpc.final === null) return colors.green("ok");
  return rpc.final.ok
    ? colors.green("ok, then done")
    : `ok, then ${colors.red(toPrintable(rpc.final.error?.message ?? "failed"))}`;
}

/** True when a call was refused, got no answer, or failed after it had been accepted; not where a gap may hide its answer. */
export function isFailed({ ok, final, answerLost }: Rpc): boolean {
  return (ok !== true && !answerLost) || final?.ok === false;
}
