import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { parseJson5 } from "../gateway/config.ts";
import { ownField } from "../gateway/json-object.ts";
import { secretsIn } from "./secrets-in.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** From where secrets are known before anything is recorded, besides the environment. */
export interface KnownBeforehand {
  /** OpenClaw's configuration; null for where OpenClaw looks for it. */
  readonly configFile: string | null;
  /** The command that runs beside the tap, in whose arguments they may stand. */
  readonly command: readonly string[];
}

/** More files than this are no configuration of anybody. */
const MAX_FILES = 200;

/** Where OpenClaw looks for its configuration: with a profile's name, for that of the profile. */
export function findConfig(env: Environment, profile: string | null = null): string {
  const named = env["OPENCLAW_CONFIG_PATH"];
  if (named) return named;
  const home = env["OPENCLAW_HOME"] || env["HOME"] || ".";
  const state = join(home, profile === null ? ".openclaw" : `.openclaw-${profile}`);
  return join(env["OPENCLAW_STATE_DIR"] || state, "openclaw.json");
}

/**
 * The secrets of an environment, of a command's arguments, and of OpenClaw's configuration with all that it includes, and the kind of
 * each. A file that cannot be read tells none.
 */
export async function readKnownSecrets(
  env: Environment,
  known?: KnownBeforehand,
): Promise<ReadonlyMap<string, string>> {
  const file = resolve(known?.configFile ?? findConfig(env));
  // OpenClaw reads these beside its configuration, and what is set already counts.
  const dotEnv = parseEnv((await read(join(dirname(file), ".env"))) ?? "");
  const variables = { ...dotEnv, ...env };
  const config = await readConfig(file, new Set());
  return secretsIn(JSON.stringify([variables, known?.command, config]), (value) => {
    const name = /^\$\{(\w+)\}$/.exec(value)?.[1];
    return name === undefined ? value : (ownField(variables, name) ?? "");
  });
}

/** A configuration and what it includes (OpenClaw docs, `gateway/configuration`: `$include`), each file as one element of a list. */
async function readConfig(file: string, seen: Set<string>): Promise<readonly unknown[]> {
  if (seen.has(file) || seen.size >= MAX_FILES) return [];
  seen.add(file);
  const text = await read(file);
  if (text === null) return [];
  const config = parseJson5(text);
  const included: (readonly unknown[])[] = [];
  for (const name of includesOf(config)) {
    included.push(await readConfig(resolve(dirname(file), name), seen));
  }
  // One that cannot be parsed is still a text in which secrets have shapes.
  return [config === undefined ? text : config, ...included.flat()];
}

function includesOf(config: unknown): readonly string[] {
  const named: unknown[] = [];
  JSON.stringify(config, (key, value: unknown) => {
    if (key === "$include") named.push(value);
    return value;
  });
  return named.flat().filter((name) => typeof name === "string");
}

function read(file: string): Promise<string | null> {
  return readFile(file, "utf8").catch(() => null);
}
