import { type Gateway, startGateway } from "../harness/gateway.ts";
import { show, type Shown, startTap } from "../harness/gw-trace.ts";
import { FAR_ADDRESS } from "../harness/namespace.ts";
import type { Place } from "../harness/place.ts";
import type { Finished } from "../harness/process.ts";
import { startForwarder } from "../harness/send.ts";
import type { Scenario } from "./scenario.ts";

/** What came of a scenario that was recorded. */
export interface Recorded {
  /** What the clients saw. */
  readonly seen: unknown;
  /** What `gw-trace show` says of the recording, closed whole. */
  readonly shown: Shown;
  /** How `gw-trace record` ended. */
  readonly tap: Finished;
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
  return { seen, shown, tap };
}

function startFor({ version, peer, config }: Scenario, place: Place): Promise<Gateway> {
  const address = peer === "far" ? FAR_ADDRESS : "127.0.0.1";
  return startGateway({ version, place, address, ...(config === undefined ? {} : { config }) });
}
