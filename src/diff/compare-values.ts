import { isVolatileField, maskText } from "../gateway/volatile.ts";
import { isJsonObject, ownField, type JsonObject } from "../gateway/json-object.ts";
import { isContentStandIn, STAND_INS } from "../gateway/stand-ins.ts";

/** Where a live value first differs from the recorded one. Values are JSON, cut short; null when absent on that side. */
export interface ValueDifference {
  readonly path: string;
  readonly recorded: string | null;
  readonly live: string | null;
}

/** How far two values are apart. */
export interface Comparison {
  /** Leaves that differ in meaning; 0 means the same. */
  readonly differences: number;
  /** Leaves that differ only where values are new in every run. */
  readonly volatileDifferences: number;
  readonly first: ValueDifference | null;
  /** The first of them, in the order of the recorded value. */
  readonly shown: readonly ValueDifference[];
}

const MAX_SHOWN = 20;
const MAX_CHARACTERS = 120;
const MAX_DEPTH = 64;

/**
 * Compares what was asked with what was recorded, by meaning: volatile fields, UUIDs and times do not count. `isRedacted`
 * says whether credentials were taken out of the recorded one; what stands for them equals any text.
 */
export function compareValues(
  recorded: unknown,
  live: unknown,
  path: string,
  isRedacted = false,
): Comparison {
  const comparer = new Comparer(isRedacted);
  comparer.compare(recorded, live, { path, masked: false, depth: 0 });
  return comparer;
}

interface Place {
  readonly path: string;
  readonly masked: boolean;
  readonly depth: number;
}

class Comparer implements Comparison {
  differences = 0;
  volatileDifferences = 0;
  readonly shown: ValueDifference[] = [];
  readonly #isRedacted: boolean;

  constructor(isRedacted: boolean) {
    this.#isRedacted = isRedacted;
  }

  get first(): ValueDifference | null {
    return this.shown[0] ?? null;
  }

  compare(recorded: unknown, live: unknown, place: Place): void {
    if (Object.is(recorded, live)) return;
    if (place.depth < MAX_DEPTH) {
      if (Array.isArray(recorded) && Array.isArray(live)) {
        return this.#compareLists(recorded, live, place);
      }
      if (isJsonObject(recorded) && isJsonObject(live))
        return this.#compareObjects(recorded, live, place);
    }
    // A number that told of somebody is text where it was taken out.
    if (this.#isRedacted && typeof recorded === "string" && typeof live === "number") {
      if (fitsRedacted(recorded, String(live))) return;
    }
    if (typeof recorded === "string" && typeof live === "string") {
      if (this.#isRedacted && fitsRedacted(recorded, live)) return;
      if (maskText(recorded) === maskText(live)) {
        this.volatileDifferences += 1;
        return;
      }
    }
    this.#note(recorded, live, place);
  }

  #compareLists(recorded: readonly unknown[], live: readonly unknown[], place: Place): void {
    const length = Math.max(recorded.length, live.length);
    for (let index = 0; index < length; index++) {
      this.compare(recorded[index], live[index], {
        ...place,
        path: `${place.path}[${index}]`,
        depth: place.depth + 1,
      });
    }
  }

  #compareObjects(recorded: JsonObject, live: JsonObject, place: Place): void {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(live)])) {
      this.compare(ownField(recorded, key), ownField(live, key), {
        path: `${place.path}.${key}`,
        // Whether such a field is there at all does count: only its value is new in every run.
        masked:
          place.masked ||
          (isVolatileField(key) && Object.hasOwn(recorded, key) && Object.hasOwn(live, key)),
        depth: place.depth + 1,
      });
    }
  }

  #note(recorded: unknown, live: unknown, place: Place): void {
    if (place.masked) {
      this.volatileDifferences += 1;
      return;
    }
    this.differences += 1;
    if (this.shown.length >= MAX_SHOWN) return;
    this.shown.push({ path: place.path, recorded: render(recorded), live: render(live) });
  }
}

function render(value: unknown): string | null {
  if (value === undefined) return null;
  const json = JSON.stringify(value);
  return json.length > MAX_CHARACTERS ? `${json.slice(0, MAX_CHARACTERS)}…` : json;
}

const STAND_IN = new RegExp(STAND_INS);
const EACH_STAND_IN = new RegExp(STAND_INS, "g");

/** True when a text may be the one that the recorded text was before credentials, or more, were taken out of it. */
export function fitsRedacted(recorded: string, live: string): boolean {
  // All that is known of a text that was taken out whole is how long it was.
  if (isContentStandIn(recorded)) return live.length === recorded.length;
  const [head = "", ...rest] = recorded.split(STAND_IN);
  const tail = rest.pop();
  if (tail === undefined) return false;
  if (!live.startsWith(head) || !live.endsWith(tail)) return false;
  let from = head.length;
  for (const part of rest) {
    const at = live.indexOf(part, from + 1);
    if (at < 0) return false;
    from = at + part.length;
  }
  // At least one character stood where each placeholder stands.
  return live.length - tail.length > from;
}

/** Puts the same word in place of everything taken out: what stands for it is new in every recording. */
export function maskRedacted(text: string): string {
  return text.replaceAll(EACH_STAND_IN, "<redacted>");
}
