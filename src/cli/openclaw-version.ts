import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** OpenClaw's command loads much before it says its version. */
const PATIENCE_MS = 30_000;

/** The version that an OpenClaw program says of itself; null when it says none. */
export async function askVersion(program: readonly string[]): Promise<string | null> {
  const [file = "", ...args] = program;
  const running = promisify(execFile)(file, [...args, "--version"], { timeout: PATIENCE_MS });
  const said = await running.then(
    ({ stdout }) => stdout,
    () => "",
  );
  return /\b\d{4}\.\d+\.\d+\S*/.exec(said)?.[0] ?? null;
}
