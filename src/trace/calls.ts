import { isAcceptance, textIn, type RequestFrame, type ResponseFrame } from "../gateway/frame.ts";
import type { Entry } from "../recording/entry.ts";
import { mayMissAfter } from "./gaps.ts";
import type { Gap, Rpc } from "./model.ts";

type OpenRpc = { -readonly [Key in keyof Rpc]: Rpc[Key] };
type When = Pick<Entry, "entry" | "atMs" | "connection">;

/** How much is kept of very many calls. */
export interface CallLimits {
  readonly maxRpcs?: number;
}

/** The calls of one connection: requests, and the answers that belong to them. */
export class CallBook {
  #rpcs: OpenRpc[] = [];
  readonly #maxRpcs: number;
  #thinAt: number;
  readonly #byId = new Map<string, OpenRpc>();

  constructor({ maxRpcs = Infinity }: CallLimits) {
    this.#maxRpcs = maxRpcs;
    this.#thinAt = maxRpcs;
  }

  /** The calls so far, in order; those without an answer say whether a gap may hide it. */
  rpcs(gaps: readonly Gap[]): readonly Rpc[] {
    for (const rpc of this.#rpcs) {
      rpc.answerLost = rpc.ok === null && mayMissAfter(gaps, rpc.requestEntry, "gateway");
    }
    return this.#rpcs;
  }

  /** The latest call with that id, if it waits for an answer. */
  waiting(id: string): Rpc | null {
    const rpc = this.#byId.get(id);
    return rpc?.responseEntry === null ? rpc : null;
  }

  /** Takes in a request. */
  ask(when: When, frame: RequestFrame, byParams: Rpc["byParams"]): void {
    const rpc: OpenRpc = {
      connection: when.connection,
      id: frame.id,
      method: frame.method,
      idempotencyKey: textIn(frame.params, "idempotencyKey"),
      deviceId: textIn(frame.params, "deviceId"),
      byParams,
      traceparent: frame.traceparent,
      requestEntry: when.entry,
      responseEntry: null,
      startMs: when.atMs,
      durationMs: null,
      ok: null,
      answerLost: false,
      error: null,
      awaitsFinal: false,
      final: null,
    };
    this.#rpcs.push(rpc);
    this.#byId.set(frame.id, rpc);
    if (this.#rpcs.length > this.#thinAt) this.#thin();
  }

  /** Takes in an answer. False when no call waits for it; a call has two at most. */
  answer(when: When, { id, ok, error, payload }: ResponseFrame): boolean {
    const rpc = this.#byId.get(id);
    if (rpc === undefined || rpc.final !== null) return false;
    const answer = { responseEntry: when.entry, durationMs: when.atMs - rpc.startMs, ok, error };
    if (rpc.responseEntry === null) {
      Object.assign(rpc, answer);
      rpc.awaitsFinal = isAcceptance(payload);
    } else {
      rpc.awaitsFinal = false;
      rpc.final = answer;
    }
    return true;
  }

  #thin(): void {
    this.#rpcs = [...thinRpcs(this.#rpcs, this.#maxRpcs / 2)];
    this.#byId.clear();
    for (const rpc of this.#rpcs) this.#byId.set(rpc.id, rpc);
    this.#thinAt = Math.max(this.#maxRpcs, this.#rpcs.length * 2);
  }
}

/** Good calls of each method that are kept as examples, whatever their number. */
const EXAMPLES = 20;

/**
 * What is worth keeping of very many calls: all that failed or wait, the newest `keep`, the first of each method, and one good call
 * after those that failed, so that they do not look like more in a row than there were.
 */
export function thinRpcs<T extends Rpc>(rpcs: readonly T[], keep: number): readonly T[] {
  const seen = new Map<string, number>();
  return rpcs.filter((rpc, index) => {
    if (rpc.ok !== true || rpc.awaitsFinal || index >= rpcs.length - keep) return true;
    if (rpc.final?.ok === false || rpcs[index - 1]?.ok === false) return true;
    const count = (seen.get(rpc.method) ?? 0) + 1;
    seen.set(rpc.method, count);
    return count <= EXAMPLES;
  });
}
