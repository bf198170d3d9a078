import type { FieldName, Subject } from "./fields.ts";
import { equals, valuesOf, type Filter, type Value } from "./filter.ts";
import type { FilterProblem } from "./tokens.ts";
import { describeUnknown } from "./values.ts";

/** Different values of a field among which the nearest one is looked for; no more are kept. */
const MAX_NAMES = 2000;

/** Fields that are equal to whatever text occurs; those of the others are known beforehand, or are numbers that are measured. */
const OPEN: ReadonlySet<FieldName> = new Set([
  "conn",
  "method",
  "event",
  "code",
  "scope",
  "client",
  "role",
  "id",
]);

interface Wanted {
  readonly field: FieldName;
  readonly value: Value;
  readonly at: number;
  occurs: boolean;
}

/**
 * Sees whether the values that a filter compares with occur at all in what it is asked of: an empty result must mean that nothing
 * matches, not that something was misspelt. Show it every subject.
 */
export class Occurring {
  readonly #wanted: readonly Wanted[];
  readonly #names = new Map<FieldName, Set<string>>();

  constructor(filter: Filter) {
    this.#wanted = [...wantedBy(filter)];
    for (const { field } of this.#wanted) this.#names.set(field, new Set());
  }

  /** Takes in what a subject has. */
  look(subject: Subject): void {
    for (const wanted of this.#wanted) {
      if (wanted.occurs) continue;
      const names = this.#names.get(wanted.field);
      for (const value of valuesOf(subject, wanted.field)) {
        if (equals(wanted.field, value, wanted.value)) wanted.occurs = true;
        else if (names !== undefined && names.size < MAX_NAMES) names.add(String(value));
      }
    }
  }

  /** The first value that nothing had, and the nearest one that something has; null when all occur. */
  problem(): FilterProblem | null {
    const unknown = this.#wanted.find(({ occurs }) => !occurs);
    if (unknown === undefined) return null;
    const { field, value, at } = unknown;
    const message = describeUnknown(field, String(value), this.#names.get(field) ?? new Set());
    return { position: at, message };
  }
}

function* wantedBy(filter: Filter): Generator<Wanted, void, undefined> {
  switch (filter.kind) {
    case "and":
    case "or":
      yield* wantedBy(filter.left);
      yield* wantedBy(filter.right);
      break;
    case "not":
      yield* wantedBy(filter.of);
      break;
    case "compare": {
      const { field, operator, values, at } = filter;
      if (!OPEN.has(field) || !["==", "!=", "in"].includes(operator)) return;
      for (const [index, value] of values.entries())
        yield { field, value, at: at[index] ?? 1, occurs: false };
      break;
    }
    case "text":
  }
}
