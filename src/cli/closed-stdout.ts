let whenUnread: () => void = () => process.exit(0);

/** Ends the program when nobody reads its standard output any more (`gw-trace show … | head`), which is no failure. */
export function watchStdout(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    whenUnread();
  });
}

/** From now on the program goes on all the same, and calls `tell` for each text that nobody read. */
export function goOnUnread(tell: () => void): void {
  whenUnread = tell;
}
