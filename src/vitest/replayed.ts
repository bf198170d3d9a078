import { readProfileFile } from "../gateway/measured-profiles.ts";
import type { Profile } from "../gateway/profile.ts";
import { distinctNames } from "../recording/names.ts";
import { openRecording } from "../recording/reader.ts";
import { readScript } from "../replay/script/build-script.ts";
import { startReplayedGateway } from "../replay/serve/gateway-server.ts";
import { renderReplayVerdict } from "../replay/verdict/render-verdict.ts";
import type { Script } from "../replay/script/script.ts";
import type { Verdict } from "../replay/verdict/verdict.ts";
import { PLAIN_STYLE } from "../views/style.ts";
import { clientEnvironment } from "../gateway/config.ts";
import { type OpenGateway, type ReplayGatewayOptions, toPath } from "./gateway.ts";
import { LiveTrace } from "./live-trace.ts";

/** A replay believes every token; the client only has to have one. */
const ANY_TOKEN = "gw-trace-replay";

/**
 * Plays recordings as a Gateway.
 * @throws {GwTraceError} RECORDING_NOT_FOUND, RECORDING_EMPTY, NOT_A_RECORDING, RECORDING_FROM_THE_FUTURE
 */
export async function startReplayed(
  paths: readonly string[],
  options: ReplayGatewayOptions,
): Promise<OpenGateway> {
  const everyPath = [...paths, ...(options.evidence ?? []).map(toPath)];
  const names = distinctNames(everyPath);
  const profiles = (options.profiles ?? []).map((path) => readProfileFile(toPath(path)));
  const all = await Promise.all(everyPath.map((path, index) => open(path, names[index], profiles)));
  const [scripts, evidence] = [all.slice(0, paths.length), all.slice(paths.length)];
  const live: LiveTrace[] = [];
  const gateway = await startReplayedGateway({
    ...options,
    scripts,
    profiles,
    evidence,
    record: async (header) => {
      const begun = new LiveTrace(`replay of ${header.replayOf.join(", ")}`, header, profiles);
      live.push(begun);
      return begun;
    },
  });
  const [begun] = live;
  if (begun === undefined)
    throw new TypeError("a replayed Gateway began without a recording of it");
  return {
    mode: "replay",
    url: gateway.url,
    env: clientEnvironment(
      {},
      { url: gateway.url, port: gateway.address.port },
      options.token ?? ANY_TOKEN,
    ),
    trace: () => begun.trace(),
    verdict: () => gateway.verdict(),
    close: () => gateway.close(),
    finish: async (testPassed) => {
      if (testPassed && options.allowUnused !== true) assertUsedUp(gateway.verdict());
    },
    [Symbol.asyncDispose]: () => gateway.close(),
  };
}

async function open(
  path: string,
  name: string | undefined,
  profiles: readonly Profile[],
): Promise<Script> {
  await using reader = await openRecording(path, name);
  return await readScript(reader, reader.entries(), profiles);
}

function assertUsedUp(verdict: Verdict): void {
  const { connections, rpcs } = verdict.totals;
  if (connections.never + rpcs.never === 0) return;
  const text = renderReplayVerdict(verdict, PLAIN_STYLE);
  throw new Error(
    `The test passed, but not all of the recording was used (allowUnused permits that).\n\n${text}`,
  );
}
