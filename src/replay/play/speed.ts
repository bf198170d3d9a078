import { GwTraceError } from "../../errors.ts";
import type { ScriptedAction } from "../script/script.ts";

/** How fast a recording is played: a multiple of the recorded speed, or without any delay. */
export type Speed = number | "immediate";

/** Lets a time pass. */
export type Wait = (ms: number) => Promise<void>;

/**
 * Reads a speed as it is written: `as-recorded`, `immediate`, `2x`, `0.5x`, `200%`.
 * @throws {GwTraceError} USAGE
 */
export function readSpeed(text: string): Speed {
  if (text === "immediate") return text;
  if (text === "as-recorded") return 1;
  const [, number, unit] = /^(\d+(?:\.\d+)?|\.\d+)(x|%)$/.exec(text) ?? [];
  if (number === undefined) throw noSpeed(text);
  return checkSpeed(unit === "%" ? Number(number) / 100 : Number(number), text);
}

/**
 * Returns the speed when something can be played at it.
 * @throws {GwTraceError} USAGE
 */
export function checkSpeed(speed: Speed, written = String(speed)): Speed {
  if (speed === "immediate" || (Number.isFinite(speed) && speed > 0)) return speed;
  throw noSpeed(written);
}

function noSpeed(text: string): GwTraceError {
  return new GwTraceError(
    "USAGE",
    `${JSON.stringify(text)} is no speed of a replay`,
    "Write as-recorded, a multiple such as 2x, 0.5x or 200%, or immediate.",
  );
}

/**
 * How long each action waits once what it followed has happened: its recorded distance, scaled. A silence in it, between two
 * actions that followed the same, counts `maxWaitMs` at most.
 */
export function measureDelays(
  actions: readonly ScriptedAction[],
  speed: Speed,
  maxWaitMs: number,
): ReadonlyMap<ScriptedAction, number> {
  const delaysMs = new Map<ScriptedAction, number>();
  if (speed === "immediate") return delaysMs;
  const latest = new Map<number, { readonly afterMs: number; readonly delayMs: number }>();
  for (const action of actions) {
    if (action.follows === null) continue;
    const before = latest.get(action.follows) ?? { afterMs: 0, delayMs: 0 };
    const silenceMs = Math.max(0, action.afterMs - before.afterMs) / speed;
    const delayMs = before.delayMs + Math.min(silenceMs, maxWaitMs);
    latest.set(action.follows, { afterMs: Math.max(action.afterMs, before.afterMs), delayMs });
    delaysMs.set(action, Math.round(delayMs));
  }
  return delaysMs;
}

/** Lets a time pass. A replay that was closed does not stay for what it would have said later. */
export function waitUnheld(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
