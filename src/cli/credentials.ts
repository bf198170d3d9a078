import { GwTraceError, usageError } from "../errors.ts";
import { isLoopbackAddress } from "../gateway/address.ts";
import type { Upstream } from "../tap/upstream.ts";
import { readGivenFile } from "./read-given-file.ts";

/** The shared credential of a Gateway. */
export interface Credentials {
  readonly token?: string;
  readonly password?: string;
}

/** What was said about the credential on the command line. */
export interface CredentialOptions {
  readonly tokenFile?: string;
  readonly allowPlaintext?: true;
}

/** The option that lets a credential go over a network unencrypted. */
export const ALLOW_PLAINTEXT = [
  "--allow-plaintext",
  "send the token over ws:// to another machine, where everybody on the way can read it",
] as const;

/**
 * The credential for a Gateway: the token in the file given, else as OpenClaw's own CLI takes it from the environment. Never from the
 * command line, which everybody on the machine can read, and as in that CLI not for plain `ws://` to another machine.
 * @throws {GwTraceError} USAGE, REMOTE_NOT_ALLOWED
 */
export async function credentialsFor(
  gateway: Upstream,
  { tokenFile, allowPlaintext }: CredentialOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credentials> {
  const credentials = await readCredentials(tokenFile, env);
  const isHidden = Boolean(gateway.tls) || isLoopbackAddress(gateway.host) === true;
  if (isHidden || allowPlaintext === true || Object.keys(credentials).length === 0)
    return credentials;
  throw new GwTraceError(
    "REMOTE_NOT_ALLOWED",
    `the Gateway's ${credentials.token === undefined ? "password" : "token"} is not sent to ${gateway.host} over ws://: everybody on the way could read it`,
    "Use wss://, or a tunnel to that machine and ws://127.0.0.1, or --allow-plaintext on a network that you trust.",
  );
}

async function readCredentials(
  tokenFile: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credentials> {
  if (tokenFile !== undefined) return { token: await readToken(tokenFile) };
  const { OPENCLAW_GATEWAY_TOKEN: token, OPENCLAW_GATEWAY_PASSWORD: password } = env;
  if (token) return { token };
  return password ? { password } : {};
}

async function readToken(path: string): Promise<string> {
  const hint = "Give a file that holds the Gateway's token and nothing else.";
  const token = (await readGivenFile("--token-file", path, hint)).trim();
  if (/^\S+$/.test(token)) return token;
  const why = token === "" ? "it is empty" : "it is not one word";
  throw usageError(`${path} holds no token: ${why}`, hint);
}
