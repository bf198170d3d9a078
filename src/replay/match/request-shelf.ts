import type { ScriptedRequest } from "../script/script.ts";
import { meaningKey } from "./meaning-key.ts";

/** Recorded requests in recorded order, found by method and by what they mean. */
export class RequestShelf {
  readonly #all: Set<ScriptedRequest>;
  readonly #byMethod = new Map<string | null, Set<ScriptedRequest>>();
  /** By method and meaning. What credentials were taken out of may mean many things, and stands under its method alone. */
  readonly #byMeaning = new Map<string, Set<ScriptedRequest>>();

  constructor(requests: readonly ScriptedRequest[]) {
    this.#all = new Set(requests);
    for (const request of requests) {
      addTo(this.#byMethod, request.method, request);
      addTo(this.#byMeaning, keyOf(request), request);
    }
  }

  /** All that stand here. */
  get all(): ReadonlySet<ScriptedRequest> {
    return this.#all;
  }

  /** Those of one method. */
  ofMethod(method: string | null): Iterable<ScriptedRequest> {
    return this.#byMethod.get(method) ?? [];
  }

  /** Those that may mean the same as a live request; there is no other that does. */
  alike(method: string | null, params: unknown): Iterable<ScriptedRequest> {
    const key = meaningKey(params);
    if (key === null || method === null) return this.ofMethod(method);
    const alike = this.#byMeaning.get(`${method} ${key}`) ?? new Set();
    const open = this.#byMeaning.get(method);
    // One list after the other would not be recorded order.
    return open === undefined ? alike : inOrder(alike, open);
  }

  /** The one that means the same as a live request, where it is the only one that may; its params need not be compared. */
  only(method: string | null, params: unknown): ScriptedRequest | null {
    const key = meaningKey(params);
    if (key === null || method === null || this.#byMeaning.has(method)) return null;
    const alike = this.#byMeaning.get(`${method} ${key}`);
    if (alike?.size !== 1) return null;
    for (const request of alike) return request;
    return null;
  }

  /** Takes one away. */
  take(request: ScriptedRequest): void {
    this.#all.delete(request);
    this.#byMethod.get(request.method)?.delete(request);
    this.#byMeaning.get(keyOf(request))?.delete(request);
  }
}

function inOrder(
  one: ReadonlySet<ScriptedRequest>,
  other: ReadonlySet<ScriptedRequest>,
): readonly ScriptedRequest[] {
  return [...one, ...other].toSorted((left, right) => left.entry - right.entry);
}

const keys = new WeakMap<ScriptedRequest, string>();

function keyOf(request: ScriptedRequest): string {
  let key = keys.get(request);
  if (key === undefined) {
    const { method, params, redacted } = request;
    const meaning = redacted || method === null ? null : meaningKey(params);
    key = meaning === null ? `${method}` : `${method} ${meaning}`;
    keys.set(request, key);
  }
  return key;
}

function addTo<K>(shelves: Map<K, Set<ScriptedRequest>>, key: K, request: ScriptedRequest): void {
  const shelf = shelves.get(key);
  if (shelf === undefined) shelves.set(key, new Set([request]));
  else shelf.add(request);
}
