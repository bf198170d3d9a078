import { isRecordableMs } from "../import-bounds.ts";

/** In what a HAR counts the times of its WebSocket messages, since the Unix epoch. */
export type HarTimeUnit = "seconds" | "milliseconds";

/** When an entry of a HAR began, and the time of a message on it as its writer put it. */
export interface HarTimeSample {
  readonly startedMs: number;
  readonly time: number;
}

const MS_PER_UNIT = { seconds: 1000, milliseconds: 1 } as const;

/** A message this much before its socket was opened has no time since the epoch. */
const MAX_BEFORE_MS = 86_400_000;

/**
 * Tells the unit: no field says it, and writers differ, but a message is near the beginning of its entry in only one of the two. All
 * messages of a HAR have one writer, so most of them decide. Null when there is no time to go by.
 */
export function decideTimeUnit(samples: Iterable<HarTimeSample>): HarTimeUnit | null {
  let seconds = 0;
  let milliseconds = 0;
  for (const { startedMs, time } of samples) {
    if (!(time > 0)) continue;
    if (Math.abs(time * 1000 - startedMs) < Math.abs(time - startedMs)) seconds += 1;
    else milliseconds += 1;
  }
  if (seconds + milliseconds === 0) return null;
  return seconds > milliseconds ? "seconds" : "milliseconds";
}

/** The time of a message in milliseconds since the Unix epoch; null when it has none that can be true. */
export function readHarTime(sample: HarTimeSample, unit: HarTimeUnit): number | null {
  const { startedMs, time } = sample;
  const atMs = time * MS_PER_UNIT[unit];
  return time > 0 && atMs > startedMs - MAX_BEFORE_MS && isRecordableMs(atMs) ? atMs : null;
}

/** `Date.parse` knows milliseconds only; mitmproxy and gw-trace write microseconds. */
export function parseInstantMs(text: string): number | null {
  const wholeMs = Date.parse(text);
  if (Number.isNaN(wholeMs)) return null;
  const [, beyond] = /\.\d{3}(\d+)/.exec(text) ?? [];
  return beyond === undefined ? wholeMs : wholeMs + Number(`0.${beyond}`);
}
