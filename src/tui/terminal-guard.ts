import { toPrintable } from "../views/printable.ts";

/** What the guard does with the terminal. */
export interface GuardedTerminal {
  pause(): void;
  resume(): void;
  destroy(): void;
}

const DEADLY = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"] as const;

// After a stop the first thing that happens is the answer to SIGCONT; where stopping is not possible, this time passes.
const STOP_WAIT_MS = 250;

/** A fault of gw-trace itself (EX_SOFTWARE of sysexits.h). */
const EXIT_FAULT = 70;

/** Watches over a terminal that was taken: whatever ends or stops the program, the terminal is restored first. */
export class TerminalGuard {
  private readonly terminal: GuardedTerminal;
  private readonly stopped = (): void => this.suspend();
  private readonly crashed = (error: unknown): void => {
    this.release();
    process.stderr.write(
      `gw-trace: internal error: ${describe(error).split("\n").map(toPrintable).join("\n")}\n`,
    );
    process.exit(EXIT_FAULT);
  };
  private readonly killed = (signal: NodeJS.Signals): void => {
    this.release();
    // To die of the signal tells the shell the truth: code 130, 143, 129.
    process.kill(process.pid, signal);
  };
  private readonly exiting = (): void => this.terminal.destroy();

  constructor(terminal: GuardedTerminal) {
    this.terminal = terminal;
    for (const signal of DEADLY) process.on(signal, this.killed);
    process.on("SIGTSTP", this.stopped);
    process.on("uncaughtException", this.crashed);
    process.on("unhandledRejection", this.crashed);
    process.on("exit", this.exiting);
  }

  /** Stops the program as Ctrl-Z does, and takes the terminal again when it goes on. */
  suspend(): void {
    this.terminal.pause();
    process.off("SIGTSTP", this.stopped);
    let isResumed = false;
    const resume = (): void => {
      if (isResumed) return;
      isResumed = true;
      clearTimeout(timer);
      process.off("SIGCONT", resume);
      process.on("SIGTSTP", this.stopped);
      this.terminal.resume();
    };
    // The timer also keeps the program alive: a paused terminal does not.
    const timer = setTimeout(resume, STOP_WAIT_MS);
    process.on("SIGCONT", resume);
    // The whole job, as the terminal itself would: a parent such as npx must stop as well.
    process.kill(0, "SIGTSTP");
  }

  /** Restores the terminal and stops watching. */
  release(): void {
    for (const signal of DEADLY) process.off(signal, this.killed);
    process.off("SIGTSTP", this.stopped);
    process.off("uncaughtException", this.crashed);
    process.off("unhandledRejection", this.crashed);
    process.off("exit", this.exiting);
    this.terminal.destroy();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
