import { expect, test } from "vitest";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import {
  challenge,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  refused,
  req,
  type Step,
} from "../support/conversation.ts";
import { LiveClient } from "./live-client.ts";

const SCOPES = ["operator.write"];
const AGENT = { message: "hi", idempotencyKey: "recorded-run" };
const asking = connect({ client: "gateway-client/backend", scopes: SCOPES });

/** A Gateway's call to itself that was refused for its far peer. */
const FAILED = conversation(
  { peerAddress: "100.64.0.5:50002" },
  challenge(),
  asking,
  helloOk({ scopes: [] }),
  req("1", "agent", AGENT),
  refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
);

function succeeded(...later: readonly Step[]) {
  return conversation(
    {},
    challenge(),
    asking,
    helloOk({ scopes: SCOPES }),
    event("health", {}, 1),
    req("1", "agent", AGENT),
    ok("1", { runId: "recorded-run", status: "accepted" }),
    ...later,
  );
}

function play(...evidence: readonly Step[]) {
  return startReplayedGateway({
    scripts: [buildScript("failed", numbered(FAILED))],
    evidence: evidence.length === 0 ? [] : [buildScript("good", numbered(succeeded(...evidence)))],
    assume: { peer: "local" },
  });
}

async function callAgent(url: string): Promise<LiveClient> {
  const live = new LiveClient(url);
  await live.connect({ client: "gateway-client/backend", scopes: SCOPES });
  await live.call("agent", { ...AGENT, idempotencyKey: "mine" });
  return live;
}

test("what followed of a call follows its derived answer, under the live key; what was not of it does not", async () => {
  await using replay = await play(
    event("agent", { runId: "recorded-run", stream: "lifecycle" }, 2),
    event("tick", {}, 3),
    event("chat", { runId: "recorded-run", text: "hello" }, 4),
    ok("1", { runId: "recorded-run", status: "ok" }),
  );
  await using live = await callAgent(replay.url);
  await live.frame(({ payload }) => Object(payload).status === "ok");
  expect(live.order).toEqual(["connect.challenge", "live-1", "live-2", "agent", "chat", "live-2"]);
  const events = live.frames.filter(({ seq }) => seq !== undefined);
  expect(events).toMatchObject([
    { event: "agent", seq: 1, payload: { runId: "mine" } },
    { event: "chat", seq: 2, payload: { runId: "mine", text: "hello" } },
  ]);
  const { outcome, connections } = replay.verdict();
  expect(outcome).toBe("fixed");
  expect(connections[0]?.rpcs[0]).toMatchObject({
    grade: "derived",
    source: "good, connection 1",
    aftermath: "3 messages of that call followed (derived: good, connection 1)",
  });
});

test("where no such run is recorded, nothing follows, and the verdict says why", async () => {
  await using replay = await play();
  await using live = await callAgent(replay.url);
  expect(live.events).toEqual(["connect.challenge"]);
  expect(replay.verdict().connections[0]?.rpcs[0]).toMatchObject({
    grade: "derived",
    aftermath: "what the run tells after that is not known: no such run is recorded",
  });
});
