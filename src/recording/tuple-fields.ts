import type { Side } from "../wire/message.ts";

/** The first field of a message, and the type of one that is text: see entry-codec.ts. */
export const MESSAGE = 3;
export const TEXT = 0;

/** Where an entry stands, which all kinds have. */
export interface Place {
  readonly entry: number;
  readonly atMs: number;
  readonly wallMs: number;
  readonly connection: number;
}

/** Which side a field names; null when none. */
export function decodeSide(value: unknown): Side | null {
  if (value === 0) return "client";
  return value === 1 ? "gateway" : null;
}

/** True for a field that is a text. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** True for a text, or nothing in its place. */
export function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}

/** True for a yes or a no. */
export function isFlag(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** True for a whole number that is exact. */
export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

/** True for such a number that is not negative. */
export function isCount(value: unknown): value is number {
  return isWhole(value) && value >= 0;
}

/** True for a field that is bytes. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
