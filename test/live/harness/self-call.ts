import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import type { DeviceIdentity } from "./device-key.ts";

/** One call as OpenClaw makes it to its own Gateway. */
export interface SelfCall {
  /** The folder `dist` of the OpenClaw whose code calls. */
  readonly dist: string;
  readonly method: string;
  readonly params: unknown;
  readonly scopes: readonly string[];
  /** What the fix of #77807 adds: without it OpenClaw leaves its identity out when it calls a loopback address. */
  readonly deviceIdentity?: DeviceIdentity;
}

/** What OpenClaw's own code made of a call. */
export type SelfCallOutcome =
  | { readonly ok: true; readonly payload: unknown }
  | {
      readonly ok: false;
      readonly name: string;
      readonly message: string;
      readonly code: unknown;
      readonly details: unknown;
    };

type CallGateway = (options: Omit<SelfCall, "dist">) => Promise<unknown>;

// The whole program: one call on the standard input, what came of it on the standard output.
const { dist, ...call }: SelfCall = JSON.parse(await text(process.stdin));
const outcome = await make(await callGatewayOf(dist), call);
process.stdout.write(JSON.stringify(outcome), () => process.exit());

async function make(
  callGateway: CallGateway,
  options: Omit<SelfCall, "dist">,
): Promise<SelfCallOutcome> {
  try {
    return { ok: true, payload: await callGateway(options) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error;
    const code = Reflect.get(error, "gatewayCode") ?? Reflect.get(error, "code");
    return { ok: false, name, message, code, details: Reflect.get(error, "details") };
  }
}

/** The function by which this OpenClaw calls its Gateway, the sessions_spawn tool among others. Bundling renames files and exports, not functions. */
async function callGatewayOf(folder: string): Promise<CallGateway> {
  for (const file of await readdir(folder)) {
    if (!/^call-.*\.js$/.test(file)) continue;
    const path = join(folder, file);
    if (!(await readFile(path, "utf8")).includes("async function callGateway(")) continue;
    const module: Record<string, unknown> = await import(pathToFileURL(path).href);
    const found = Object.values(module).find(isCallGateway);
    if (found !== undefined) return found;
  }
  throw new Error(`no callGateway in ${folder}`);
}

function isCallGateway(value: unknown): value is CallGateway {
  return typeof value === "function" && value.name === "callGateway";
}
