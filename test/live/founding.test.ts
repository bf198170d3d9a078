import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isJsonObject, type JsonObject } from "../../src/gateway/json-object.ts";
import type { Entry } from "../../src/recording/entry.ts";
import { openRecording } from "../../src/recording/reader.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { approveDevice } from "./harness/approve-device.ts";
import { choosePlace } from "./harness/choose-place.ts";
import { deviceIdentityFromPem, devicePem } from "./harness/device-key.ts";
import { type Gateway, startGateway } from "./harness/gateway.ts";
import { show } from "./harness/gw-trace.ts";
import { masked } from "./harness/masked.ts";
import { FAR_ADDRESS } from "./harness/namespace.ts";
import { type ReplayEnd, startReplay } from "./harness/replay.ts";
import type { SelfCallOutcome } from "./harness/self-call.ts";
import { callAsOpenClaw, type Caller } from "./harness/self-caller.ts";
import { startForwarder } from "./harness/send.ts";
import { createState } from "./harness/state.ts";
import { startTap } from "./harness/tap.ts";
import { summaries } from "./scenarios/check.ts";
import { playRecorded } from "./scenarios/play.ts";
import { sessionsSpawn } from "./scenarios/sessions-spawn.ts";

// OpenClaw #77807 from its recording to its fix. The client is OpenClaw's own `callGateway`, by which the recorded
// sessions_spawn calls its Gateway; the fix is its option `deviceIdentity`.
const { version } = sessionsSpawn;
const SCOPES = ["operator.write"];
const CONTROL = new URL("../../recordings/direct-agent-control.gwtrace", import.meta.url).pathname;

/** The clients in the order in which a developer tries them: as it was, with a device, and with the device approved. */
const CLIENTS = ["unfixed", "unapproved", "fixed"] as const;
type Client = (typeof CLIENTS)[number];

const ASSUMED: Readonly<Record<Client, readonly string[]>> = {
  unfixed: [],
  unapproved: ["--assume", "unpaired"],
  fixed: ["--assume", `paired=${SCOPES.join(",")}`],
};

/** What came of a client: in its own eyes, and in a recording of what crossed the wire. */
interface Met {
  readonly outcome: unknown;
  readonly connection: unknown;
}

const chosen = await choosePlace();
const { place, whyNoNamespace } = chosen;
const device = deviceIdentityFromPem(devicePem("founding"));
const real = new Map<string, Met>();
const replayed = new Map<string, Met & { readonly end: ReplayEnd }>();
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "gw-trace-live-founding-"));
  if (whyNoNamespace !== null) return;
  const recording = join(dir, `${sessionsSpawn.name}.gwtrace`);
  await playRecorded(sessionsSpawn, place, recording);
  const params = await recordedAgent(recording);
  await meetReplay(recording, params);
  await meetGateway(params);
});

afterAll(async () => {
  await chosen[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

beforeEach(({ skip }) => {
  if (whyNoNamespace !== null) skip(whyNoNamespace);
});

describe("#77807, with no Gateway running", () => {
  test("the client as it was fails as it was recorded", () => {
    const { outcome, end } = replayed.get("unfixed") ?? {};
    expect(outcome).toMatchObject({ ok: false, message: "missing scope: operator.write" });
    expect(end).toMatchObject({ code: 1, verdict: { clean: true, outcome: "still-failing" } });
  });

  test("a device identity that nobody approved is no fix, and the verdict says so", () => {
    const { outcome, end } = replayed.get("unapproved") ?? {};
    expect(outcome).toMatchObject({ ok: false, code: 1008 });
    expect(end).toMatchObject({ code: 1, verdict: { outcome: "different" } });
    expect(JSON.stringify(end?.verdict)).toContain("pairing required: device is not approved yet");
  });

  test("a device identity that was approved is the fix", () => {
    const { outcome, end } = replayed.get("fixed") ?? {};
    expect(outcome).toMatchObject({ ok: true, payload: { status: "accepted" } });
    expect(end).toMatchObject({ code: 0, verdict: { outcome: "fixed" } });
    expect(end?.verdict.conclusion).toBe(
      "fixed: agent on connection 1 was refused (missing operator.write), now allowed (derived: direct-agent-control, connection 1)",
    );
  });
});

test.each(CLIENTS)("the Gateway gives the client what its replay gave it: %s", (client) => {
  const { outcome, connection } = replayed.get(client) ?? {};
  expect(real.get(client)).toEqual({ outcome, connection });
});

async function recordedAgent(recording: string): Promise<JsonObject> {
  await using reader = await openRecording(recording);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  const requests = buildScript("recorded", entries).connections.flatMap((one) => one.requests);
  const params = requests.find(({ method }) => method === "agent")?.params;
  if (!isJsonObject(params)) throw new Error("no agent was recorded");
  return params;
}

/** Asks for what was recorded, with a key of its own. */
function call(client: Client, caller: Caller, params: JsonObject): Promise<SelfCallOutcome> {
  return callAsOpenClaw(caller, {
    method: "agent",
    params: { ...params, idempotencyKey: client },
    scopes: SCOPES,
    ...(client === "unfixed" ? {} : { deviceIdentity: device }),
  });
}

async function meetReplay(recording: string, params: JsonObject): Promise<void> {
  const port = await place.gatewayPort();
  await using state = await createState({ version, address: FAR_ADDRESS, port });
  for (const client of CLIENTS) {
    const output = join(dir, `${client}-replayed.gwtrace`);
    // The second recorded connection cleans up after the first; only sessions_spawn itself makes it.
    const more = ["--connection", "1", "--with", CONTROL, ...ASSUMED[client]];
    await using replay = await startReplay(place, { port, recording, output, more });
    const outcome = masked(await call(client, { version, place, state }, params));
    const end = await replay.end();
    replayed.set(client, { outcome, end, connection: summaries(await show(place, output)) });
  }
}

async function meetGateway(params: JsonObject): Promise<void> {
  await using gateway = await startGateway({ version, place, address: FAR_ADDRESS });
  for (const client of CLIENTS) {
    if (client === "fixed") await approve(gateway);
    const output = join(dir, `${client}.gwtrace`);
    const way = { port: gateway.port, upstream: gateway.url, output };
    await using tap = await startTap(place, way);
    const outcome = masked(await call(client, gateway, params));
    real.set(client, { outcome, connection: summaries(await tap.settled(1)) });
    await tap.stop();
  }
}

/** The CLI asks at the loopback address, as the client does. */
async function approve(gateway: Gateway): Promise<void> {
  const forwarder = await startForwarder(place, { port: gateway.port, host: FAR_ADDRESS });
  try {
    await approveDevice(gateway, device.deviceId);
  } finally {
    await forwarder[Symbol.asyncDispose]();
  }
}
