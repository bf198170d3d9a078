import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 10;

/** Waits until `look` gives something else than null or false, and gives that; fails by name when it takes too long. */
export async function until<T>(
  what: string,
  timeoutMs: number,
  look: () => T | null | false | Promise<T | null | false>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false) return found;
    if (performance.now() > deadline) {
      throw new Error(`waited ${String(timeoutMs)} ms in vain: ${what}`);
    }
    await delay(POLL_MS);
  }
}
