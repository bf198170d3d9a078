import type { Conversation, Told } from "./converse.ts";
import type { Errand } from "./errand.ts";
import { nodeBinary } from "./install.ts";
import type { Place } from "./place.ts";
import { runProcess } from "./process.ts";
import { SHARED_TOKEN } from "./state.ts";

const ERRAND_TIMEOUT_MS = 90_000;
const SCRIPT = new URL("errand.ts", import.meta.url).pathname;

/** What an HTTP call was answered. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Holds a conversation from inside a place. */
export async function converseFrom(place: Place, conversation: Conversation): Promise<Told> {
  return send<Told>(place, { kind: "converse", conversation });
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

// Node 24 runs TypeScript as it is, so the errand needs no build.
async function send<T>(place: Place, errand: Errand): Promise<T> {
  const result = await runProcess(place.wrap([nodeBinary(), "--no-warnings", SCRIPT]), {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    timeoutMs: ERRAND_TIMEOUT_MS,
    input: JSON.stringify(errand),
  });
  if (result.code !== 0) throw new Error(`the errand failed: ${result.stderr}`);
  return JSON.parse(result.stdout);
}
