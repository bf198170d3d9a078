/** Why a recording ends. */
export type StopReason =
  | { readonly by: "signal"; readonly code: number }
  | { readonly by: "command"; readonly code: number }
  | { readonly by: "limit"; readonly limit: "--for" | "--max-bytes" };

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const;

/** Resolves when the user or the system wants an end; a second signal does not wait for the recording. */
export function untilInterrupted(): Promise<StopReason> {
  return new Promise((resolve) => {
    for (const [signal, code] of SIGNALS) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(code));
        resolve({ by: "signal", code });
      });
    }
  });
}

/** The longest time that one timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

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
