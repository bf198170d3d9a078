import type { Rpc } from "../trace/model.ts";
import { callOf, type Call } from "./call.ts";
import { NumberColumn } from "./columns.ts";

/** What is the same in many calls. */
type Kind = Pick<Call, "method" | "ok" | "outcome">;

/** Very many calls: what is the same in many of them is held once, the rest as numbers. */
export class CallTable {
  readonly #kinds: Kind[] = [];
  readonly #kindNumbers = new Map<string, number>();
  readonly #kind = new NumberColumn();
  readonly #requestEntry = new NumberColumn();
  readonly #responseEntry = new NumberColumn();

  /** Takes in a call; says where it is. */
  add(rpc: Rpc): number {
    const { requestEntry, responseEntry, ...kind } = callOf(rpc);
    this.#kind.push(this.#numberOf(kind));
    this.#responseEntry.push(responseEntry ?? Number.NaN);
    return this.#requestEntry.push(requestEntry);
  }

  /** The call at a place that `add` gave. */
  at(place: number): Call | undefined {
    const kind = this.#kinds[this.#kind.at(place) ?? -1];
    const requestEntry = this.#requestEntry.at(place);
    const responseEntry = this.#responseEntry.at(place) ?? Number.NaN;
    if (kind === undefined || requestEntry === undefined) return undefined;
    return {
      method: kind.method,
      ok: kind.ok,
      outcome: kind.outcome,
      requestEntry,
      responseEntry: Number.isNaN(responseEntry) ? null : responseEntry,
    };
  }

  #numberOf(kind: Kind): number {
    const name = `${kind.ok}\n${kind.method}\n${kind.outcome}`;
    const known = this.#kindNumbers.get(name);
    if (known !== undefined) return known;
    this.#kindNumbers.set(name, this.#kinds.length);
    return this.#kinds.push(kind) - 1;
  }
}
