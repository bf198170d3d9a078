import { GwTraceError } from "../errors.ts";
import { parseHello, type Hello } from "../gateway/connect.ts";
import { measuredProfiles } from "../gateway/measured-profiles.ts";
import { namesIn } from "../gateway/measured.ts";
import { TOOL_VERSION } from "../version.ts";
import { buildProfile, type ProbedProfile } from "./build-profile.ts";
import { ProbeSocket } from "./probe-socket.ts";
import { sweepMethods, type Call } from "./sweep.ts";

/** Which Gateway to ask, and as whom. */
export interface ProbeOptions {
  /** `ws://…` or `wss://…`. */
  readonly url: string;
  /** The shared credential; a Gateway without one refuses a client without a device. */
  readonly auth: { readonly token?: string; readonly password?: string };
  /** How long to wait for each answer. Default 30000: a Gateway's first answers may take long. */
  readonly maxWaitMs?: number;
}

/**
 * Asks a live Gateway what each of its methods needs, and changes nothing: it connects without asking for any scope, so that every
 * method that needs one is refused before its params are read. Stops when the Gateway lets one through.
 * @throws {GwTraceError} GATEWAY_UNREACHABLE, GATEWAY_REFUSED, PROBE_UNSAFE
 */
export async function probeProfile(options: ProbeOptions): Promise<ProbedProfile> {
  await using socket = new ProbeSocket(options.url, options.maxWaitMs ?? 30_000);
  const call: Call = (method, params) => socket.call(method, params);
  await socket.challenged();
  const hello = await connect(call, options);
  // What it advertises, then what other versions have and it may only not advertise.
  const known = measuredProfiles().flatMap(({ methods }) => namesIn(methods));
  const methods = [...new Set([...hello.methods, ...known])];
  return buildProfile(hello, await sweepMethods(call, methods));
}

async function connect(call: Call, { url, auth }: ProbeOptions): Promise<Hello> {
  const answer = await call("connect", {
    minProtocol: 3,
    maxProtocol: 4,
    // Not cli/cli and not gateway-client/backend: those keep scopes without a device where others do not.
    client: { id: "test", mode: "test", version: TOOL_VERSION, platform: process.platform },
    role: "operator",
    scopes: [],
    caps: [],
    ...(Object.keys(auth).length === 0 ? {} : { auth }),
  });
  const hello = answer.ok ? parseHello(answer.payload) : null;
  if (hello === null) {
    const why =
      answer.error === null ? "no hello-ok" : `${answer.error.code} "${answer.error.message}"`;
    throw new GwTraceError(
      "GATEWAY_REFUSED",
      `the Gateway at ${url} answered connect with ${why}`,
      "Give its token in OPENCLAW_GATEWAY_TOKEN, its password in OPENCLAW_GATEWAY_PASSWORD, or a file with --token-file.",
    );
  }
  const granted = hello.auth?.scopes ?? [];
  if (granted.length === 0) return hello;
  throw new GwTraceError(
    "PROBE_UNSAFE",
    `the Gateway at ${url} granted ${granted.join(", ")} although no scopes were asked for`,
    "Probe a Gateway that gives no scopes by itself, as gateway.auth.identityScopes does.",
  );
}
