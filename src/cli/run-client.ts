import { spawn } from "node:child_process";
import { constants } from "node:os";
import { GwTraceError } from "../errors.ts";

/** How a command beside gw-trace is run. */
export interface ClientRun {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Sends what the client prints to stderr, where stdout is wanted for something else. */
  readonly stdoutToStderr: boolean;
}

const PASSED_ON: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a command until it ends, with the terminal as its own; signals are passed on. Resolves to its exit code, 128 and
 * the signal's number when a signal ended it.
 * @throws {GwTraceError} COMMAND_FAILED_TO_START
 */
export async function runClient({ command, env, stdoutToStderr }: ClientRun): Promise<number> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    env,
    stdio: ["inherit", stdoutToStderr ? process.stderr : "inherit", "inherit"],
  });
  const passOn = (signal: NodeJS.Signals): void => {
    // A terminal sends Ctrl-C to the client as well; twice would mean something else to it.
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of PASSED_ON) process.on(signal, passOn);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", (cause) => reject(failedToStart(program, cause)));
      child.once("exit", (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn);
  }
}

/**
 * What makes an OpenClaw Gateway call itself through a tap. It overwrites OPENCLAW_GATEWAY_PORT with its own port, and would listen
 * on the tap's if it were set; the URL it keeps, but without a token its own calls would fail.
 */
export function gatewayEnvironment(
  env: NodeJS.ProcessEnv,
  tapUrl: string,
  token: string | null,
): NodeJS.ProcessEnv {
  if (token === null) return env;
  return { ...env, OPENCLAW_GATEWAY_URL: tapUrl, OPENCLAW_GATEWAY_TOKEN: token };
}

function failedToStart(program: string, cause: Error): GwTraceError {
  const code = "code" in cause ? String(cause.code) : cause.message;
  return new GwTraceError(
    "COMMAND_FAILED_TO_START",
    `${program} could not be started: ${code}`,
    "Write the command after -- as you would in a shell.",
    { cause },
  );
}
