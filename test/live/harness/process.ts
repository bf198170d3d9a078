import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

const STOP_TIMEOUT_MS = 15_000;

/** What to run a command with. Nothing of this process's environment is inherited. */
export interface ProcessOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** What a command left behind. `code` is null when a signal ended it. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

// Colours are of no use in a comparison or in a log.
const ESCAPES = /\u001B\[[\d;?]*[a-zA-Z]/g;

const running = new Set<RunningProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The processes that are running now, for whoever prints their output. */
export function runningProcesses(): readonly RunningProcess[] {
  return [...running];
}

/** A command in a process group of its own, so that its children end with it. */
export class RunningProcess implements AsyncDisposable {
  readonly command: readonly string[];
  readonly #child: ChildProcess;
  readonly #finished: Promise<Finished>;
  #stdout = "";
  #stderr = "";
  #ended = false;

  constructor(command: readonly string[], options: ProcessOptions) {
    const [file = "", ...args] = command;
    this.command = command;
    this.#child = spawn(file, args, {
      ...options,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.#stdout += text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    // A child that ends early closes its input; how it ended is what the caller looks at.
    this.#child.stdin?.on("error", () => undefined);
    this.#finished = this.#watch();
    // Whoever waits for the end hears of a command that could not be started; nobody else has to.
    this.#finished.catch(() => undefined);
    running.add(this);
  }

  get stdout(): string {
    return this.#stdout.replaceAll(ESCAPES, "");
  }

  get stderr(): string {
    return this.#stderr.replaceAll(ESCAPES, "");
  }

  get ended(): boolean {
    return this.#ended;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Settles when the command has ended and all its output is here. */
  get finished(): Promise<Finished> {
    return this.#finished;
  }

  /** Writes `text` to the command's input and ends it. */
  send(text: string): void {
    this.#child.stdin?.end(text);
  }

  /** Signals the whole group. */
  kill(signal: NodeJS.Signals): void {
    if (this.pid === 0) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // The group is gone, which is what was wanted.
    }
  }

  /** Signals the command alone, waits for its end, and takes what remains of the group by force. */
  async stop(signal: NodeJS.Signals = "SIGTERM", timeoutMs = STOP_TIMEOUT_MS): Promise<Finished> {
    if (!this.#ended) this.#child.kill(signal);
    const timer = setTimeout(() => this.kill("SIGKILL"), timeoutMs);
    try {
      return await this.#finished;
    } finally {
      clearTimeout(timer);
      this.kill("SIGKILL");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #watch(): Promise<Finished> {
    try {
      await once(this.#child, "close");
      return { code: this.#child.exitCode, stdout: this.stdout, stderr: this.stderr };
    } finally {
      this.#ended = true;
      running.delete(this);
    }
  }
}

/** Runs a command to its end, or kills it with its group after `timeoutMs` (then `code` is null). */
export async function runProcess(
  command: readonly string[],
  options: ProcessOptions & { readonly timeoutMs: number; readonly input?: string },
): Promise<Finished> {
  const child = new RunningProcess(command, { cwd: options.cwd, env: options.env });
  child.send(options.input ?? "");
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs);
  try {
    return await child.finished;
  } finally {
    clearTimeout(timer);
  }
}
