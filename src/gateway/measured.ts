import { ownField } from "./json-object.ts";

/** Stands where a version's rule was not measured. */
export const NOT_MEASURED = "not measured";

/** A rule, or that it was not measured. */
export type Measured<T> = T | typeof NOT_MEASURED;

/** Stands for all names that are not in a table. */
export const OTHERS = "*";

/** Rules by name, such as a method's or a client's. A name that is not in it has what `*` has, else `false`: that was measured as well. */
export type Table<T> = Measured<Readonly<Record<string, Measured<T>>>>;

/** What a table says of a name. Looks at its own names only, so a name from the wire may be any text. */
export function look<T>(table: Table<T>, name: string): Measured<T | false> {
  if (table === NOT_MEASURED) return NOT_MEASURED;
  return ownField(table, name) ?? ownField(table, OTHERS) ?? false;
}

/** The names in a table, those of which it is not known whether they belong there included. */
export function namesIn(table: Table<unknown>): readonly string[] {
  return table === NOT_MEASURED ? [] : Object.keys(table).filter((name) => name !== OTHERS);
}

/** What would have to be known to go on with a decision. Thrown and caught inside of one: see `decide`. */
class NotKnown extends Error {}

/** Ends the decision: `what` is what would have to be known, in words. */
export function unknown(what: string): never {
  throw new NotKnown(what);
}

/** The rule or the fact; where it is not known, the end of the decision. */
export function know<T>(value: Measured<T> | null, what: string): T {
  return value === null || value === NOT_MEASURED ? unknown(what) : value;
}

/** What is not known, as a decision. */
export interface Unknown {
  readonly kind: "unknown";
  /** What would have to be known, in words. */
  readonly missing: string;
}

/** Takes a decision that ends where it asks for what is not known. */
export function decide<T>(take: () => T): T | Unknown {
  try {
    return take();
  } catch (error) {
    if (error instanceof NotKnown) return { kind: "unknown", missing: error.message };
    throw error;
  }
}
