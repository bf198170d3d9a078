import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

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
