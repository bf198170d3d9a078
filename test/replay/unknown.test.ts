import { describe, expect, test } from "vitest";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  helloOk,
  numbered,
  ok,
  refused,
  req,
  type Step,
} from "../support/conversation.ts";
import { LiveClient, type ConnectOptions } from "./live-client.ts";

const READ = ["operator.read"];
const REFUSED = [
  refused("connect-1", "NOT_PAIRED", "pairing required", { code: "PAIRING_REQUIRED" }),
  close("gateway", 1008, "pairing required"),
];
const ACCEPTED = [helloOk({ scopes: READ }), req("1", "health"), ok("1", { n: 1 })];
/** Said by no Gateway whose rules anybody knows. */
const NAMELESS = [
  ok("connect-1", { type: "hello-ok", protocol: 3, auth: { role: "operator", scopes: READ } }),
  req("1", "health"),
  ok("1", { n: 1 }),
];

async function meet(answer: readonly Step[], live: ConnectOptions, headers = {}) {
  const recorded = conversation({}, challenge(), connect({ scopes: READ }), ...answer);
  await using replay = await startReplayedGateway({
    scripts: [buildScript("recorded", numbered(recorded))],
    maxWaitMs: 50,
  });
  await using client = new LiveClient(replay.url, headers);
  const said = await client.connect(live);
  const closed = said["ok"] === true ? null : await client.closed;
  return { said, closed, verdict: replay.verdict() };
}

describe("a connect whose answer is not known", () => {
  test.each<[string, readonly Step[], ConnectOptions, object]>([
    ["of a new device", ACCEPTED, { scopes: READ, device: "d-1" }, {}],
    ["that was refused, of a new device", REFUSED, { scopes: READ, device: "d-1" }, {}],
    ["of an unmeasured client", ACCEPTED, { client: "someone/else", scopes: READ }, {}],
    ["to a version that nobody names", NAMELESS, { scopes: ["operator.write"] }, {}],
    ["to a version that nobody names, refused", REFUSED, { scopes: ["operator.write"] }, {}],
    ["from another origin", NAMELESS, { scopes: READ }, { origin: "http://localhost:5173" }],
  ])("%s is never answered as recorded", async (_, answer, live, headers) => {
    const { said, closed, verdict } = await meet(answer, live, headers);
    const [connection] = verdict.connections;
    expect(connection).toMatchObject({ grade: "unknown", replayed: null });
    expect(said).toMatchObject({
      ok: false,
      error: {
        code: "UNAVAILABLE",
        message: expect.stringContaining(`is not known: ${String(connection?.missing)}`),
        details: { code: "REPLAY_UNKNOWN", missing: connection?.missing },
      },
    });
    expect(closed).toEqual([1008, "the answer is not known"]);
    expect(verdict.outcome).toBe("cannot-tell");
  });

  test.each([
    ["accepted", ACCEPTED, { ok: true }],
    ["accepted by a version that nobody names", NAMELESS, { ok: true }],
    ["refused", REFUSED, { ok: false, error: { code: "NOT_PAIRED" } }],
  ])("that is the recorded one, %s, is answered as recorded", async (_, answer, expected) => {
    const { said, verdict } = await meet(answer, { scopes: READ });
    expect(said).toMatchObject(expected);
    expect(verdict.connections[0]).toMatchObject({ grade: "recorded", replayed: expected.ok ? { ok: true } : { errorCode: "NOT_PAIRED" } }); // prettier-ignore
  });
});

test("who asks for what is a node's is answered eleven times, then shown out", async () => {
  const recorded = conversation(
    {},
    challenge(),
    connect({ scopes: READ }),
    helloOk({ scopes: READ }),
  );
  const scripts = [buildScript("recorded", numbered(recorded))];
  await using replay = await startReplayedGateway({ scripts, maxWaitMs: 50 });
  await using client = new LiveClient(replay.url);
  await client.connect({ scopes: READ });
  for (let calls = 0; calls < 12; calls++) client.ask("node.invoke.result");
  expect(await client.closed).toEqual([1008, "repeated unauthorized calls"]);
  const refusals = client.frames.filter(({ error }) => error !== undefined);
  expect(refusals).toHaveLength(11);
});
