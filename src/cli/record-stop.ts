import { SIGNALS } from "./until-interrupted.ts";

/** Why a recording ends. */
export type StopReason =
  | { readonly by: "signal"; readonly code: number }
  | { readonly by: "command"; readonly code: number }
  | { readonly by: "limit"; readonly limit: "--for" | "--max-bytes" };

/** The longest time that one timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The signals that end a recording. Once it is being closed they ask for haste. */
export class StopSignals {
  /** Resolves when the user or the system wants an end; never while a command runs, to which signals are passed on. */
  readonly untilAsked: Promise<StopReason>;
  #closed: Promise<unknown> | null = null;
  #isHurried = false;

  constructor(hasCommand: boolean) {
    let isAsked = hasCommand;
    this.untilAsked = new Promise((resolve) => {
      for (const [signal, code] of SIGNALS) {
        process.on(signal, () => {
          if (!hasCommand) resolve({ by: "signal", code });
          if (isAsked) this.#hurry(code, hasCommand);
          isAsked = true;
        });
      }
    });
  }

  /** From now on a signal ends the process as soon as the recording is whole, and one more does at once. */
  hurryAfter(closed: Promise<unknown>): void {
    this.#closed = closed;
  }

  #hurry(code: number, hasCommand: boolean): void {
    if (this.#closed === null && hasCommand) return;
    if (this.#closed === null || this.#isHurried) process.exit(code);
    this.#isHurried = true;
    void this.#closed.then(() => process.exit(code));
  }
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
