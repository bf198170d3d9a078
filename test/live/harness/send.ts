import { parseHello } from "../../../src/gateway/connect.ts";
import type { Conversation, Told } from "./converse.ts";
import type { Meeting, Seen } from "./encounter.ts";
import type { Errand } from "./errand.ts";
import { nodeBinary } from "./install.ts";
import { masked } from "./masked.ts";
import type { Place } from "./place.ts";
import { RunningProcess, runProcess } from "./process.ts";
import { SHARED_TOKEN } from "./state.ts";
import { until } from "./until.ts";

const ERRAND_TIMEOUT_MS = 120_000;
const ERRAND_ENV = { PATH: "/usr/bin:/bin" };
const SCRIPT = new URL("errand.ts", import.meta.url).pathname;

/** What an HTTP call was answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Holds conversations side by side from inside a place. */
export async function converseFrom(
  place: Place,
  ...conversations: readonly Conversation[]
): Promise<readonly Told[]> {
  return send<readonly Told[]>(place, { kind: "converse", conversations });
}

/** Holds the meetings of cases one after the other from inside a place, and gives what each client saw. */
export async function encounterFrom(
  place: Place,
  url: string,
  cases: readonly (readonly Meeting[])[],
): Promise<readonly (readonly Seen[])[]> {
  return send<readonly (readonly Seen[])[]>(place, { kind: "encounter", url, cases });
}

/** What a client saw of a conversation, free of values that are new in every run. */
export function outcome({ connect, calls, closed }: Told): unknown {
  const granted = parseHello(connect.payload)?.auth?.scopes ?? null;
  return masked({ granted, error: connect.error, calls: calls.map(({ error }) => error), closed });
}

/** Calls a tool through the Gateway's HTTP door from inside a place (OpenClaw docs, gateway/tools-invoke-http-api). */
export async function invokeTool(
  place: Place,
  url: string,
  body: { readonly tool: string; readonly args: unknown; readonly sessionKey?: string },
): Promise<HttpAnswer> {
  const errand: Errand = { kind: "post", url: `${url}/tools/invoke`, token: SHARED_TOKEN, body };
  return send<HttpAnswer>(place, errand);
}

/** Starts a plain forwarder inside a place, from 127.0.0.1:`port` to `host`:`port`. */
export async function startForwarder(
  place: Place,
  way: { readonly port: number; readonly host: string },
): Promise<AsyncDisposable> {
  const child = new RunningProcess(errandCommand(place), { cwd: "/", env: ERRAND_ENV });
  child.send(JSON.stringify({ kind: "forward", ...way } satisfies Errand));
  await until("the forwarder listens", ERRAND_TIMEOUT_MS, () => {
    if (child.ended) throw new Error(`the forwarder ended: ${child.stderr}`);
    return child.stdout.includes("listening");
  });
  return child;
}

async function send<T>(place: Place, errand: Errand): Promise<T> {
  const result = await runProcess(errandCommand(place), {
    cwd: "/",
    env: ERRAND_ENV,
    timeoutMs: ERRAND_TIMEOUT_MS,
    input: JSON.stringify(errand),
  });
  if (result.code !== 0) throw new Error(`the errand failed: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

// Node 24 runs TypeScript as it is, so the errand needs no build.
function errandCommand(place: Place): readonly string[] {
  return place.wrap([nodeBinary(), "--no-warnings", SCRIPT]);
}
