/** The signals that ask for an end, with the exit code that a shell gives for each. */
export const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const;

/** Resolves to the exit code when the user or the system wants an end; a second signal does not wait for what is to be closed. */
export function untilInterrupted(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of SIGNALS) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(code));
        resolve(code);
      });
    }
  });
}
