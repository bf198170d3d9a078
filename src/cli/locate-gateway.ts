import { readFile } from "node:fs/promises";
import { parseGatewaySettings } from "../gateway/config.ts";
import type { GatewaySettings } from "../gateway/config.ts";
import type { GatewayCommand } from "./gateway-command.ts";
import { findConfig } from "../redaction/known-beforehand.ts";
import { ownField } from "../gateway/json-object.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a Gateway will listen, and its shared token, as far as can be known before it runs. */
export interface GatewayPlace {
  readonly url: string;
  readonly token: string | null;
}

const DEFAULT_PORT = 18789;
const DEV_PORT = 19001;

/**
 * Where the Gateway of a command will listen: by its arguments, then its environment, then its configuration file, then OpenClaw's
 * defaults. A file that cannot be read says nothing.
 */
export async function locateGateway(
  command: GatewayCommand,
  env: Environment,
): Promise<GatewayPlace> {
  const settings = await readSettings(configOf(command, env));
  const envPort = Number(env["OPENCLAW_GATEWAY_PORT"]) || null;
  const port =
    command.port ?? envPort ?? settings?.port ?? (command.isDev ? DEV_PORT : DEFAULT_PORT);
  const scheme = settings?.usesTls === true ? "wss" : "ws";
  const envToken = env["OPENCLAW_GATEWAY_TOKEN"] || null;
  return {
    url: `${scheme}://${settings?.customHost ?? "127.0.0.1"}:${port}`,
    token: command.token ?? envToken ?? resolveToken(settings?.token ?? null, env),
  };
}

/** The configuration that the Gateway of a command reads. */
export function configOf({ profile, isDev }: GatewayCommand, env: Environment): string {
  return findConfig(env, profile ?? (isDev ? "dev" : null));
}

async function readSettings(path: string): Promise<GatewaySettings | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  return text === null ? null : parseGatewaySettings(text);
}

/** A token may stand in the file as `${NAME}`, which OpenClaw takes from the environment. */
function resolveToken(token: string | null, env: Environment): string | null {
  const name = /^\$\{(\w+)\}$/.exec(token ?? "")?.[1];
  return (name === undefined ? token : ownField(env, name)) || null;
}
