import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { MAX_COMMAND_BYTES, runCliBounded } from "../support/run-cli.ts";

const CHILD = fileURLToPath(new URL("command-child.mjs", import.meta.url));

/** A command that works for longer has hung. */
const MAX_COMMAND_MS = 20_000;

/** What a process keeps of each command adds up. */
const RUNS_PER_CHILD = 3000;

/** What a whole command came to. */
export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type ChildEnd = CommandEnd & { readonly peakBytes: number };

/**
 * Runs whole commands of the built CLI, many in one process, and watches it. What fails there by time or memory is run again in a process
 * of its own: only that counts.
 */
export class CommandRunner {
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #runs = 0;

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  /** Runs one; throws when it takes too long or too much, or ends as no command may. */
  async run(words: readonly string[]): Promise<CommandEnd> {
    const ended = (await this.#runInChild(words)) ?? (await this.#runAlone(words));
    const fault = faultOf(words, ended);
    if (fault !== null) throw new Error(`gw-trace ${words.join(" ")}: ${fault}`);
    return ended;
  }

  stop(): void {
    this.#child?.kill("SIGKILL");
    this.#child = null;
    this.#runs = 0;
  }

  /** Null when it has to be tried alone. */
  async #runInChild(words: readonly string[]): Promise<CommandEnd | null> {
    const child = (this.#child ??= this.#start());
    const ended = await answerOf(child, words);
    this.#runs += 1;
    const isSpent = ended === null || ended.peakBytes > MAX_COMMAND_BYTES;
    if (isSpent || this.#runs >= RUNS_PER_CHILD) this.stop();
    return isSpent ? null : ended;
  }

  async #runAlone(words: readonly string[]): Promise<CommandEnd> {
    const ended = await runCliBounded(words, { env: this.#env });
    if (ended.code === -1) throw new Error(`gw-trace ${words.join(" ")}: it did not end by itself`);
    if (ended.peakBytes > MAX_COMMAND_BYTES)
      throw new Error(`gw-trace ${words.join(" ")}: it held ${ended.peakBytes} bytes`);
    return ended;
  }

  #start(): ChildProcess {
    return fork(CHILD, [], {
      env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...this.#env },
      execArgv: ["--max-old-space-size=480"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  }
}

/** Null when the child ends, or works for too long. */
async function answerOf(child: ChildProcess, words: readonly string[]): Promise<ChildEnd | null> {
  let timer: NodeJS.Timeout | null = null;
  try {
    return await new Promise<ChildEnd | null>((resolve) => {
      const giveUp = (): void => resolve(null);
      timer = setTimeout(giveUp, MAX_COMMAND_MS);
      child.once("message", (message: ChildEnd) => resolve(message));
      child.once("exit", giveUp);
      child.send([...words], (error) => {
        if (error !== null) giveUp();
      });
    });
  } finally {
    if (timer !== null) clearTimeout(timer);
    child.removeAllListeners();
  }
}

/** What moves a terminal's cursor, hides text or turns it round. */
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/; // prettier-ignore

/** What no command may do, whatever it is given. */
function faultOf(words: readonly string[], { code, stdout, stderr }: CommandEnd): string | null {
  const said = `exit code ${code}\n${stderr.slice(0, 3000)}`;
  if (code < 0 || code > 3) return said;
  if (/internal error|thrown: |\n\s+at .*:\d+/.test(stderr)) return said;
  if (code >= 2 && stderr.trim() === "") return `${said}\nnothing is said`;
  for (const [name, text] of Object.entries({ stdout, stderr })) {
    const raw = RAW.exec(text);
    if (raw !== null) return `raw ${JSON.stringify(raw[0])} on ${name}: ${JSON.stringify(text.slice(Math.max(0, raw.index - 80), raw.index + 20))}`;
  }
  if (words.includes("--json") && code < 2 && !isJson(stdout)) return `${said}\nstdout is not one JSON document: ${stdout.slice(0, 300)}`;
  return null;
} // prettier-ignore

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
