import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What a command may take of memory, whatever it is given. */
export const MAX_COMMAND_BYTES: number = 500_000_000;

const PEAK_MEMORY = new URL("./peak-memory.mjs", import.meta.url).href;
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** What a finished run of the CLI left. */
export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built CLI to its end, with nothing of the user's environment that could change what it does. */
export function runCli(
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: Uint8Array;
  } = {},
): Promise<CliRun> {
  return new Promise((resolve) => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...options.env };
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { cwd: options.cwd, env, timeout: 60_000, maxBuffer: 1 << 28 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input);
  });
}

/** What makes a process of Node.js write the most memory that it held, in kB, to a file when it ends. */
export function peakMemoryEnvironment(file: string): Readonly<Record<string, string>> {
  return { GW_TRACE_PEAK_FILE: file, NODE_OPTIONS: `--import=${PEAK_MEMORY}` };
}

/** Runs the built CLI as `runCli` does, and says how much memory it held at most. What takes too long is killed: code -1. */
export async function runCliBounded(
  args: readonly string[],
  options: Parameters<typeof runCli>[1] = {},
): Promise<CliRun & { readonly peakBytes: number }> {
  const folder = await mkdtemp(join(tmpdir(), "gw-trace-peak-"));
  const file = join(folder, "peak");
  try {
    const env = { ...options.env, ...peakMemoryEnvironment(file) };
    const run = await runCli(args, { ...options, env });
    const peakKb = await readFile(file, "utf8").then(Number, () => Infinity);
    return { ...run, peakBytes: peakKb * 1024 };
  } finally {
    await rm(folder, { recursive: true });
  }
}
