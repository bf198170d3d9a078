import { constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { systemCode } from "../errors.ts";
import { parseGatewaySettings } from "../gateway/config.ts";
import { describeRules, rulesFor } from "../gateway/rules.ts";
import type { Checkup } from "../views/doctor.ts";
import { findConfig } from "../redaction/known-beforehand.ts";
import type { GatewayCommand } from "./gateway-command.ts";
import { askVersion } from "./openclaw-version.ts";
import { canAccess } from "./write-recording.ts";

/** What someone means who writes only `openclaw gateway`. */
export const PLAIN_GATEWAY: GatewayCommand = {
  program: ["openclaw"],
  port: null,
  token: null,
  profile: null,
  isDev: false,
};

/** Whether OpenClaw can be run from here, and whether its version was measured. */
export async function checkOpenClaw(env: NodeJS.ProcessEnv): Promise<Checkup> {
  const name = "openclaw";
  const path = await findOnPath("openclaw", env["PATH"] ?? "");
  if (path === null) {
    const fix = "Put it on the PATH to run it as in gw-trace record -- openclaw status.";
    return { name, status: "note", says: "openclaw is not on the PATH", fix };
  }
  const version = await askVersion([path]);
  if (version === null) {
    const fix = `Run ${path} --version to see what is wrong with it.`;
    return { name, status: "problem", says: `${path} does not tell its version`, fix };
  }
  const measured = describeRules(rulesFor(version)) ?? "its rules were measured";
  return { name, status: "ok", says: `OpenClaw ${version} at ${path}; ${measured}`, fix: null };
}

/** Whether OpenClaw's configuration can be read. What stands in it is told to nobody. */
export async function checkConfig(env: NodeJS.ProcessEnv): Promise<Checkup> {
  const name = "config";
  const path = findConfig(env);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") {
      const says = `there is no ${path}: OpenClaw's defaults count`;
      return { name, status: "ok", says, fix: null };
    }
    const fix = "Give yourself the right to read it, or name another with OPENCLAW_CONFIG_PATH.";
    return { name, status: "problem", says: `${path} cannot be read: ${code}`, fix };
  }
  const settings = parseGatewaySettings(text);
  if (settings === null) {
    const fix = "Name the Gateway with OPENCLAW_GATEWAY_PORT or --url when it is not on 18789.";
    const says = `${path} says nothing of a Gateway that gw-trace can read`;
    return { name, status: "note", says, fix };
  }
  const given = [
    ...(settings.port === null ? [] : ["a port"]),
    ...(settings.customHost === null ? [] : ["an address"]),
    ...(settings.usesTls ? ["TLS"] : []),
    ...(settings.token === null ? [] : ["a token"]),
  ];
  const says = `${path} gives the Gateway ${given.length === 0 ? "nothing but defaults" : given.join(", ")}`;
  return { name, status: "ok", says, fix: null };
}

async function findOnPath(program: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter).filter((one) => one !== "")) {
    const file = join(folder, program);
    if (await canAccess(file, constants.X_OK)) return file;
  }
  return null;
}
