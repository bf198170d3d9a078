import { distance } from "fastest-levenshtein";
import { parseJsonObject } from "../../gateway/json-object.ts";
import { compareValues, type Comparison, type ValueDifference } from "../../diff/compare-values.ts";
import type { ScriptedConnection, ScriptedRequest } from "../script/script.ts";
import { RequestShelf } from "./request-shelf.ts";

/** What a live client says: a request frame, or a message that is none (`id` and `method` are null then). */
export interface LiveRequest {
  readonly id: string | null;
  readonly method: string | null;
  readonly params: unknown;
  readonly text: string;
}

/** Reads what a live client said; without an id and a method when it is no request frame. */
export function parseRequest(text: string): LiveRequest {
  const { type, id, method, params } = parseJsonObject(text) ?? {};
  return type === "req" && typeof id === "string" && typeof method === "string"
    ? { id, method, params, text }
    : { id: null, method: null, params: undefined, text };
}

/** Which recorded request a live one stands for. `again` repeats one that was asked before. */
export type RequestMatch =
  | {
      readonly kind: "same" | "again";
      readonly request: ScriptedRequest;
      readonly difference: null;
    }
  | {
      readonly kind: "differing";
      readonly request: ScriptedRequest;
      readonly difference: ValueDifference;
    }
  | { readonly kind: "unmatched"; readonly nearest: NearestRequest | null };

/** The recorded request that comes closest to one that the recording does not hold. */
export interface NearestRequest {
  readonly connection: number;
  readonly entry: number;
  readonly method: string;
  /** True when it was asked already, as often as it is recorded. */
  readonly used: boolean;
}

/** How strictly requests are matched. */
export interface MatchOptions {
  /** Any other order than the recorded one is a difference. */
  readonly strict: boolean;
  /** A request that was asked as often as recorded may be asked again. */
  readonly reuse: boolean;
}

// Of those that mean the same, repeats are taken in recorded order; which of the next ones has the very values is looked at this far.
const MAX_ALIKE = 64;

/** The requests of one recorded connection, ticked off as a live client asks them. */
export class RequestBook {
  readonly #connection: ScriptedConnection;
  readonly #options: MatchOptions;
  readonly #unasked: RequestShelf;
  /** All of them, asked or not: for those that may be asked again. */
  readonly #recorded: RequestShelf | null;

  constructor(connection: ScriptedConnection, options: MatchOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#unasked = new RequestShelf(connection.requests);
    this.#recorded = options.reuse ? new RequestShelf(connection.requests) : null;
  }

  /** The recorded requests that were not asked yet, in recorded order. */
  get unasked(): Iterable<ScriptedRequest> {
    return this.#unasked.all;
  }

  /** Finds the recorded request that is meant: the same one, else of the same method the one with the nearest params. Changes nothing. */
  match(live: LiveRequest): RequestMatch {
    const only = this.#unasked.only(live.method, live.params);
    if (only !== null) return this.#judge(only, null, live);
    const unasked =
      this.#closest(this.#unasked.alike(live.method, live.params), live, 0) ??
      this.#closest(this.#unasked.ofMethod(live.method), live);
    if (unasked !== null) return this.#judge(unasked.request, unasked.comparison.first, live);
    const again = this.#closest(this.#recorded?.alike(live.method, live.params) ?? [], live, 0);
    if (again !== null) return { kind: "again", request: again.request, difference: null };
    return { kind: "unmatched", nearest: this.#nearest(live) };
  }

  /** Ticks a recorded request off. */
  tickOff(request: ScriptedRequest): void {
    this.#unasked.take(request);
  }

  /** Of candidates with at most so many differences the nearest; the first of those that are equally near. */
  #closest(
    candidates: Iterable<ScriptedRequest>,
    live: LiveRequest,
    maxDifferences = Infinity,
  ): { readonly request: ScriptedRequest; readonly comparison: Comparison } | null {
    let closest: { request: ScriptedRequest; comparison: Comparison } | null = null;
    let alike = 0;
    for (const request of candidates) {
      const comparison = this.#compare(request, live);
      if (comparison.differences > maxDifferences) continue;
      if (closest === null || isCloser(comparison, closest.comparison)) {
        closest = { request, comparison };
      }
      if (closest.comparison.differences + closest.comparison.volatileDifferences === 0) break;
      if (comparison.differences === 0 && ++alike === MAX_ALIKE) break;
    }
    return closest;
  }

  #compare(request: ScriptedRequest, live: LiveRequest): Comparison {
    const { redacted } = request;
    return live.method === null
      ? compareValues(request.text, live.text, "text", redacted)
      : compareValues(request.params, live.params, "params", redacted);
  }

  #judge(
    request: ScriptedRequest,
    difference: ValueDifference | null,
    live: LiveRequest,
  ): RequestMatch {
    if (difference !== null) return { kind: "differing", request, difference };
    const next = this.#options.strict ? this.#firstUnasked() : null;
    if (next !== null && next !== request) {
      const order = { path: "order", recorded: next.method, live: live.method };
      return { kind: "differing", request, difference: order };
    }
    return { kind: "same", request, difference: null };
  }

  #firstUnasked(): ScriptedRequest | null {
    for (const request of this.#unasked.all) return request;
    return null;
  }

  #nearest(live: LiveRequest): NearestRequest | null {
    let nearest: NearestRequest | null = null;
    let nearestDistance = Infinity;
    for (const request of this.#connection.requests) {
      if (request.method === null || request.method === "connect") continue;
      const apart = distance(request.method, live.method ?? "");
      const used = !this.#unasked.has(request);
      if (apart > nearestDistance || (apart === nearestDistance && (used || !nearest?.used))) {
        continue;
      }
      const { entry, method } = request;
      nearest = { connection: this.#connection.id, entry, method, used };
      nearestDistance = apart;
    }
    return nearest;
  }
}

// Repeats stand in recorded order, so a later one has to be truly closer to be taken.
function isCloser(candidate: Comparison, closest: Comparison): boolean {
  return (
    candidate.differences < closest.differences ||
    (candidate.differences === closest.differences &&
      candidate.volatileDifferences < closest.volatileDifferences)
  );
}
