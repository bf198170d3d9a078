import { GwTraceError } from "../../errors.ts";

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
