import { hash } from "node:crypto";
import type { Frame } from "../gateway/frame.ts";
import { isVolatileField, maskText } from "../gateway/volatile.ts";
import { maskRedacted } from "./redacted-text.ts";

/** Params are told apart by so much of their text; what follows hardly says who they are. */
const MAX_CHARACTERS = 2048;

/** So many hexadecimal digits are a number that JavaScript holds exactly. */
const DIGITS = 12;

/** A number that two requests share when their method and the beginning of their params say the same, but for what is new in every run. */
export function fingerprintOf(frame: Frame): number {
  if (frame.type !== "req") return 0;
  const text = JSON.stringify(frame.params, maskValue) ?? "";
  const digest = hash("sha1", `${frame.method}\n${text.slice(0, MAX_CHARACTERS)}`);
  return Number.parseInt(digest.slice(0, DIGITS), 16);
}

function maskValue(key: string, value: unknown): unknown {
  if (isVolatileField(key)) return null;
  return typeof value === "string" ? maskRedacted(maskText(value)) : value;
}
