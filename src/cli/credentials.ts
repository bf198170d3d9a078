import { readFile } from "node:fs/promises";
import { GwTraceError } from "../errors.ts";

/** The shared credential of a Gateway. */
export interface Credentials {
  readonly token?: string;
  readonly password?: string;
}

/**
 * The Gateway's credential: the token in the file given, else as OpenClaw's own CLI takes it from the environment. Never from the
 * command line, which everybody on the machine can read.
 * @throws {GwTraceError} USAGE
 */
export async function readCredentials(
  tokenFile: string | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credentials> {
  if (tokenFile !== null) return { token: await readToken(tokenFile) };
  const { OPENCLAW_GATEWAY_TOKEN: token, OPENCLAW_GATEWAY_PASSWORD: password } = env;
  if (token) return { token };
  return password ? { password } : {};
}

async function readToken(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw unusable(path, `it cannot be read: ${why}`, cause);
  }
  const token = text.trim();
  if (token === "" || /\s/.test(token)) {
    throw unusable(path, token === "" ? "it is empty" : "it is not one word");
  }
  return token;
}

function unusable(path: string, why: string, cause?: unknown): GwTraceError {
  return new GwTraceError(
    "USAGE",
    `${path} holds no token: ${why}`,
    "Give a file that holds the Gateway's token and nothing else.",
    { cause },
  );
}
