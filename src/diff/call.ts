import { maskText } from "../gateway/volatile.ts";
import type { Rpc } from "../trace/model.ts";
import { maskRedacted } from "./redacted-text.ts";

/** What a comparison needs of an rpc: little, since all of two recordings are held at once. */
export interface Call {
  readonly method: string;
  /** Null while unanswered. */
  readonly ok: boolean | null;
  /** `ok`, `no answer`, or the error, without what is new in every run. */
  readonly outcome: string;
  readonly requestEntry: number;
  readonly responseEntry: number | null;
}

/** The calls of a connection in order, made perhaps only when they are asked for. */
export interface Calls {
  readonly length: number;
  at(index: number): Call | undefined;
}

/** An rpc as it is compared. */
export function callOf(rpc: Rpc): Call {
  const { method, ok, requestEntry, responseEntry } = rpc;
  return { method, ok, outcome: outcomeOf(rpc), requestEntry, responseEntry };
}

function outcomeOf(rpc: Rpc): string {
  if (rpc.ok === null) return "no answer";
  if (rpc.error !== null) return describeError(rpc.error);
  if (rpc.final === null) return "ok";
  return rpc.final.error === null ? "ok, then done" : `ok, then ${describeError(rpc.final.error)}`;
}

function describeError({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): string {
  return `${code} ${maskRedacted(maskText(message))}`.trim();
}
