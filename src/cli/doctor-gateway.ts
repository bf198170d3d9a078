import { GwTraceError } from "../errors.ts";
import { greetGateway } from "../probe/probe-socket.ts";
import { resolveUpstream } from "../tap/upstream.ts";
import type { Checkup } from "../views/doctor.ts";
import { PLAIN_GATEWAY } from "./doctor-openclaw.ts";
import { locateGateway } from "./locate-gateway.ts";

const name = "gateway";

/** Whether a Gateway answers where gw-trace would look for it. Its challenge is awaited; no credential is sent. */
export async function checkGateway(env: NodeJS.ProcessEnv): Promise<Checkup> {
  let url: string;
  try {
    ({ url } = resolveUpstream(undefined, env));
  } catch (error) {
    if (!(error instanceof GwTraceError)) throw error;
    return { name, status: "problem", says: error.message, fix: error.hint };
  }
  const greeting = await greetGateway(url);
  if (greeting.answers)
    return { name, status: "ok", says: `a Gateway answers at ${url}`, fix: null };
  const says = `no Gateway answers at ${url}: ${greeting.why}`;
  return { name, status: "problem", says, fix: await whereElse(url, env) };
}

/** The configuration may put the Gateway where the variables do not look. */
async function whereElse(url: string, env: NodeJS.ProcessEnv): Promise<string> {
  const configured = await locateGateway(PLAIN_GATEWAY, env);
  if (configured.url !== url && (await greetGateway(configured.url)).answers) {
    return `A Gateway answers at ${configured.url}, where OpenClaw's configuration puts it: set OPENCLAW_GATEWAY_PORT=${new URL(configured.url).port}, or give --url.`;
  }
  return url.startsWith("wss:")
    ? "Start it; or, where its certificate is its own, give gw-trace record --tls-fingerprint or --ca."
    : "Start it with openclaw gateway, or say where it is with OPENCLAW_GATEWAY_PORT or OPENCLAW_GATEWAY_URL.";
}
