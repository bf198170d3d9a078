import { isVolatileField, maskText } from "../../gateway/volatile.ts";
import type { ScriptedRequest } from "../script/script.ts";

const MAX_DEPTH = 64;

/** Recorded requests in recorded order, found by method and by what they mean. */
export class RequestShelf {
  readonly #all: Row;
  readonly #taken = new Set<ScriptedRequest>();
  readonly #byMethod = new Map<string | null, Row>();
  /** By method and meaning. What credentials were taken out of may mean many things, and stands under its method alone. */
  readonly #byMeaning = new Map<string, Row>();

  constructor(requests: readonly ScriptedRequest[]) {
    this.#all = new Row(this.#taken, requests);
    for (const request of requests) {
      this.#add(this.#byMethod, request.method, request);
      this.#add(this.#byMeaning, keyOf(request), request);
    }
  }

  /** All that stand here. */
  get all(): Iterable<ScriptedRequest> {
    return this.#all;
  }

  /** True while a request stands here. */
  has(request: ScriptedRequest): boolean {
    return !this.#taken.has(request);
  }

  /** Those of one method. */
  ofMethod(method: string | null): Iterable<ScriptedRequest> {
    return this.#byMethod.get(method) ?? [];
  }

  /** Those that may mean the same as a live request; there is no other that does. */
  alike(method: string | null, params: unknown): Iterable<ScriptedRequest> {
    const key = meaningKey(params);
    if (key === null || method === null) return this.ofMethod(method);
    const alike = this.#byMeaning.get(`${method} ${key}`) ?? [];
    const open = this.#byMeaning.get(method);
    // One list after the other would not be recorded order.
    return open === undefined ? alike : inOrder(alike, open);
  }

  /** The one that means the same as a live request, where it is the only one that may; its params need not be compared. */
  only(method: string | null, params: unknown): ScriptedRequest | null {
    const key = meaningKey(params);
    if (key === null || method === null || this.#byMeaning.has(method)) return null;
    const alike = this.#byMeaning.get(`${method} ${key}`);
    return alike === undefined ? null : alike.only;
  }

  /** Takes one away. */
  take(request: ScriptedRequest): void {
    this.#taken.add(request);
  }

  #add<K>(rows: Map<K, Row>, key: K, request: ScriptedRequest): void {
    const row = rows.get(key);
    if (row === undefined) rows.set(key, new Row(this.#taken, [request]));
    else row.add(request);
  }
}

/** Requests in recorded order, without those that were taken. */
class Row implements Iterable<ScriptedRequest> {
  readonly #taken: ReadonlySet<ScriptedRequest>;
  readonly #requests: ScriptedRequest[];
  /** Where to go on after one that was taken, so that nobody passes over the same ones again and again. */
  readonly #next: number[] = [];

  constructor(taken: ReadonlySet<ScriptedRequest>, requests: readonly ScriptedRequest[]) {
    this.#taken = taken;
    this.#requests = [...requests];
  }

  add(request: ScriptedRequest): void {
    this.#requests.push(request);
  }

  /** The one request that stands here; null when there are more. */
  get only(): ScriptedRequest | null {
    const first = this.#from(0);
    return this.#from(first + 1) < this.#requests.length ? null : (this.#requests[first] ?? null);
  }

  *[Symbol.iterator](): Generator<ScriptedRequest> {
    for (let index = this.#from(0); ; index = this.#from(index + 1)) {
      const request = this.#requests[index];
      if (request === undefined) return;
      yield request;
    }
  }

  /** The first that stands here from that place on. */
  #from(start: number): number {
    let end = start;
    for (;;) {
      const request = this.#requests[end];
      if (request === undefined || !this.#taken.has(request)) break;
      end = this.#next[end] ?? end + 1;
    }
    for (let index = start; index < end;) {
      const next = this.#next[index] ?? index + 1;
      this.#next[index] = end;
      index = next;
    }
    return end;
  }
}

function inOrder(
  one: Iterable<ScriptedRequest>,
  other: Iterable<ScriptedRequest>,
): readonly ScriptedRequest[] {
  return [...one, ...other].toSorted((left, right) => left.entry - right.entry);
}

function keyOf({ method, params, redacted }: ScriptedRequest): string {
  const meaning = redacted || method === null ? null : meaningKey(params);
  return meaning === null ? `${method}` : `${method} ${meaning}`;
}

/**
 * A key that two values share when they mean the same: fields in one order, without what is new in every run. Meant for looking
 * up: `compareValues` has the last word. Null for a value that is nested too deeply to have one.
 */
export function meaningKey(value: unknown, depth = 0): string | null {
  if (typeof value === "string") return textKey(maskText(value));
  if (typeof value !== "object" || value === null) return String(value);
  if (depth >= MAX_DEPTH) return null;
  const isList = Array.isArray(value);
  let key = "";
  for (const name of isList ? Object.keys(value) : Object.keys(value).toSorted()) {
    const isNew = !isList && isVolatileField(name);
    const own = isNew ? "" : meaningKey(Reflect.get(value, name), depth + 1);
    if (own === null) return null;
    key += isList ? `${own},` : `${textKey(name)}${own},`;
  }
  return isList ? `[${key}]` : `{${key}}`;
}

// With its length before it no text can be taken for the end of itself and the beginning of another.
function textKey(text: string): string {
  return `${text.length}"${text}`;
}
