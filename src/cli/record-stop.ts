import { untilInterrupted } from "./until-interrupted.ts";

/** Why a recording ends. */
export type StopReason =
  | { readonly by: "signal"; readonly code: number }
  | { readonly by: "command"; readonly code: number }
  | { readonly by: "limit"; readonly limit: "--for" | "--max-bytes" };

/** The longest time that one timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Resolves when the user or the system wants an end. */
export async function untilSignal(): Promise<StopReason> {
  return { by: "signal", code: await untilInterrupted() };
}

/** Resolves after `forMs`, and never when that is null. It does not keep the process alive. */
export function untilTimeIsUp(forMs: number | null): Promise<StopReason> {
  return new Promise((resolve) => {
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, MAX_TIMER_MS);
      setTimeout(() => {
        if (leftMs > stepMs) wait(leftMs - stepMs);
        else resolve({ by: "limit", limit: "--for" });
      }, stepMs).unref();
    };
    if (forMs !== null) wait(forMs);
  });
}
