import type { RequestFrame, ResponseFrame } from "../gateway/frame.ts";
import type { MessageEntry } from "../recording/entry.ts";
import { mayMissAfter } from "./gaps.ts";
import type { Gap, Rpc } from "./model.ts";
import { answerRpc, beginRpc, type OpenRpc } from "./rpc.ts";
import { thinRpcs } from "./thin-rpcs.ts";

type Numbered<T> = T & { readonly entry: number };

/** How much is kept of very many calls. */
export interface CallLimits {
  readonly maxRpcs?: number;
}

/** The calls of one connection: requests, and the answers that belong to them. */
export class CallBook {
  #rpcs: OpenRpc[] = [];
  readonly #awaited = new Set<Rpc>();
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
  ask(entry: Numbered<MessageEntry>, frame: RequestFrame, byParams: Rpc["byParams"]): void {
    const rpc = beginRpc(entry, frame, byParams);
    this.#rpcs.push(rpc);
    this.#byId.set(frame.id, rpc);
    if (this.#rpcs.length > this.#thinAt) this.#thin();
  }

  /** Takes in an answer. False when no call waits for it. */
  answer(entry: Numbered<MessageEntry>, frame: ResponseFrame): boolean {
    const rpc = this.#byId.get(frame.id);
    const answer = rpc === undefined ? "stray" : answerRpc(rpc, entry, frame);
    if (rpc === undefined || answer === "stray") return false;
    if (answer === "accepted") this.#awaited.add(rpc);
    else this.#awaited.delete(rpc);
    return true;
  }

  #thin(): void {
    const kept = thinRpcs(this.#rpcs, this.#awaited, this.#maxRpcs / 2);
    this.#rpcs = [...kept];
    this.#byId.clear();
    for (const rpc of kept) this.#byId.set(rpc.id, rpc);
    this.#thinAt = Math.max(this.#maxRpcs, kept.length * 2);
  }
}
