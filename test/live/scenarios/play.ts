import { type Gateway, startGateway } from "../harness/gateway.ts";
import { show, type Shown } from "../harness/gw-trace.ts";
import { FAR_ADDRESS } from "../harness/namespace.ts";
import type { Place } from "../harness/place.ts";
import type { Finished } from "../harness/process.ts";
import { type ReplayEnd, startReplay } from "../harness/replay.ts";
import { secretsIn, tokensIn } from "../harness/secrets.ts";
import { startForwarder } from "../harness/send.ts";
import { createState } from "../harness/state.ts";
import { startTap } from "../harness/tap.ts";
import type { Scenario, Stage } from "./scenario.ts";

/** What came of a scenario that was recorded. */
export interface Recorded {
  /** What the clients saw. */
  readonly seen: unknown;
  /** What `gw-trace show` says of the recording, closed whole. */
  readonly shown: Shown;
  /** How `gw-trace record` ended. */
  readonly tap: Finished;
  /** The tokens that were in play, and those of them that the recording holds. */
  readonly secrets: readonly string[];
  readonly secretsFound: readonly string[];
}

/** Plays a scenario without gw-trace: on the Gateway itself, or through a plain forwarder where there has to be one. */
export async function playDirect(scenario: Scenario, place: Place): Promise<unknown> {
  await using gateway = await startFor(scenario, place);
  if (scenario.peer === "loopback") return await scenario.play(gateway);
  const forwarder = await startForwarder(place, { port: gateway.port, host: FAR_ADDRESS });
  try {
    return await scenario.play(gateway);
  } finally {
    await forwarder[Symbol.asyncDispose]();
  }
}

/** Plays a scenario through `gw-trace record` and leaves the recording in `output`. */
export async function playRecorded(
  scenario: Scenario,
  place: Place,
  output: string,
): Promise<Recorded> {
  await using gateway = await startFor(scenario, place);
  // Before a far Gateway the tap is the loopback forwarder, which has the Gateway's own port.
  const port = scenario.peer === "far" ? gateway.port : await place.tapPort();
  await using running = await startTap(place, { port, upstream: gateway.url, output });
  const seen = await scenario.play({ ...gateway, port });
  await running.settled(scenario.expected.length);
  const tap = await running.stop();
  const shown = await show(place, output);
  const secrets = await tokensIn(gateway.state);
  return { seen, shown, tap, secrets, secretsFound: await secretsIn(output, secrets) };
}

/** Plays a scenario against a replay of its recording, with no Gateway but the one that is itself the client. */
export async function playReplayed(
  scenario: Scenario,
  place: Place,
  files: { readonly recording: string; readonly output: string },
): Promise<{ readonly seen: unknown; readonly end: ReplayEnd }> {
  if (scenario.peer === "far") {
    await using gateway = await startFor(scenario, place);
    return await replayTo(scenario, gateway, files);
  }
  const port = await place.gatewayPort();
  const { version } = scenario;
  await using state = await createState({ version, address: "127.0.0.1", port });
  return await replayTo(scenario, { version, place, state, port }, files);
}

async function replayTo(
  scenario: Scenario,
  stage: Stage,
  files: { readonly recording: string; readonly output: string },
): Promise<{ readonly seen: unknown; readonly end: ReplayEnd }> {
  await using replay = await startReplay(stage.place, { port: stage.port, ...files });
  const seen = await scenario.play(stage);
  return { seen, end: await replay.end() };
}

function startFor({ version, peer, config }: Scenario, place: Place): Promise<Gateway> {
  const address = peer === "far" ? FAR_ADDRESS : "127.0.0.1";
  return startGateway({ version, place, address, ...(config === undefined ? {} : { config }) });
}
