import type { Moment } from "../wire/event.ts";

/** The two clocks of a recording. */
export interface Clock {
  /** Wall clock at `atMs` 0, ISO 8601 in UTC. */
  readonly startedAt: string;
  now(): Moment;
}

/** Starts the clocks of a recording: now is `atMs` 0. */
export function createClock(): Clock {
  const startMs = performance.now();
  return {
    startedAt: new Date().toISOString(),
    // Whole microseconds, as they are stored.
    now: () => ({
      atMs: Math.round((performance.now() - startMs) * 1000) / 1000,
      wallMs: Date.now(),
    }),
  };
}
