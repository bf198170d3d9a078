import { describe, expect, test } from "vitest";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import { startReplayedGateway } from "../../src/replay/serve/gateway-server.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  req,
  type Step,
} from "../support/conversation.ts";
import { LiveClient } from "./live-client.ts";

const SCOPES = ["operator.read"];
const HANDSHAKE = [challenge(), connect({ scopes: SCOPES }), helloOk({ scopes: SCOPES })];

type Loss = (steps: readonly Step[]) => readonly Entry[];

function withLoss(
  steps: readonly Step[],
  lost: (last: NewEntry) => readonly NewEntry[],
): readonly Entry[] {
  const entries = conversation({ ends: false }, ...steps);
  const last = entries.at(-1);
  if (last === undefined) throw new Error("nothing was said");
  return numbered([...entries, ...lost({ ...last, atMs: last.atMs + 1 })]);
}

const gapOn = (connection: number) => (last: NewEntry) => {
  const { atMs, wallMs } = last;
  const missing = { missingEntries: 3, missingBytes: 999, untilMs: atMs + 50 };
  return [{ kind: "gap", atMs, wallMs, connection, reason: "too much", ...missing }] as const;
};

const endedBy = (by: "client" | "gateway" | "tap") => (last: NewEntry) => {
  const { atMs, wallMs, connection } = last;
  const how = by === "tap" ? "stopped" : "fin";
  return [{ kind: "closed", atMs: atMs + 100, wallMs, connection, by, how, error: null }] as const;
};

/** Ways in which what came after the last step is not in the recording. */
const LOSSES: readonly (readonly [string, Loss])[] = [
  [
    "a gap of the connection",
    (steps) => withLoss(steps, (last) => [...gapOn(1)(last), ...endedBy("client")(last)]),
  ],
  [
    "a gap of the whole recording",
    (steps) => withLoss(steps, (last) => [...gapOn(0)(last), ...endedBy("client")(last)]),
  ],
  [
    "entries that a damaged file lost",
    (steps) =>
      withLoss(steps, endedBy("client")).map((entry) =>
        entry.kind === "closed" ? { ...entry, entry: entry.entry + 4 } : entry,
      ),
  ],
  [
    "bytes that could not be understood",
    (steps) =>
      withLoss(steps, (last) => [
        {
          kind: "undecodable",
          atMs: last.atMs,
          wallMs: last.wallMs,
          connection: 1,
          from: "gateway",
          reason: "reserved bits are set",
          sizeBytes: 10,
          bytes: new Uint8Array(),
        },
        ...endedBy("client")(last),
      ]),
  ],
  ["a tap that was stopped", (steps) => withLoss(steps, endedBy("tap"))],
  ["a recording that was cut off", (steps) => withLoss(steps, () => [])],
];

async function play(entries: readonly Entry[], meet: (client: LiveClient) => Promise<unknown>) {
  await using replay = await startReplayedGateway({
    scripts: [buildScript("recorded", entries)],
    maxWaitMs: 50,
  });
  await using client = new LiveClient(replay.url);
  const said = await meet(client);
  return { said, verdict: replay.verdict() };
}

describe.each(LOSSES)("after %s", (_, lose) => {
  test("the silence that follows a call is not taken for its answer", async () => {
    const { said, verdict } = await play(
      lose([...HANDSHAKE, req("1", "health")]),
      async (client) => {
        await client.connect({ scopes: SCOPES });
        return client.call("health");
      },
    );
    const [rpc] = verdict.connections[0]?.rpcs ?? [];
    expect(said).toMatchObject({
      ok: false,
      error: { code: "UNAVAILABLE", details: { code: "REPLAY_UNKNOWN", missing: rpc?.missing } },
    });
    expect(rpc).toMatchObject({ method: "health", grade: "unknown", replayed: null });
    expect(verdict.outcome).toBe("cannot-tell");
    expect(verdict.conclusion).not.toMatch(/^as recorded/);
  });

  test("the silence that follows connect is not taken for its answer", async () => {
    const asked = lose([challenge(), connect({ scopes: SCOPES })]);
    const { said, verdict } = await play(asked, (client) => client.connect({ scopes: SCOPES }));
    expect(said).toMatchObject({ ok: false, error: { code: "UNAVAILABLE" } });
    expect(verdict.connections[0]).toMatchObject({ grade: "unknown" });
    expect(verdict.outcome).toBe("cannot-tell");
  });

  test("a call that was only accepted is not taken for one that never ended", async () => {
    const asked = [...HANDSHAKE, req("1", "agent"), ok("1", { status: "accepted" })];
    const { said, verdict } = await play(lose(asked), async (client) => {
      await client.connect({ scopes: SCOPES });
      return client.call("agent");
    });
    expect(said).toMatchObject({ ok: true, payload: { status: "accepted" } });
    expect(verdict.outcome).toBe("cannot-tell");
    expect(verdict.conclusion).toMatch(/^cannot tell: agent on connection 1: /);
  });
});

test.each(LOSSES.slice(0, 4))("%s that hides no answer may hide an event", async (_, lose) => {
  const entries = lose([...HANDSHAKE, req("1", "health"), ok("1"), event("tick", {}, 1)]);
  const { verdict } = await play(entries, async (client) => {
    await client.connect({ scopes: SCOPES });
    await client.call("health");
    await client.event("tick");
  });
  expect(verdict).toMatchObject({ clean: true, outcome: "cannot-tell" });
  expect(verdict.conclusion).toMatch(/^cannot tell all: on connection 1 what was said from .* was not recorded$/); // prettier-ignore
});

test("what comes after a gap is played", async () => {
  const before = withLoss([...HANDSHAKE, req("1", "health")], gapOn(1));
  const after = conversation({ startMs: 100 }, req("2", "status"), ok("2", { n: 2 })).slice(3);
  const { said, verdict } = await play(numbered(before, after), async (client) => {
    await client.connect({ scopes: SCOPES });
    await client.call("health");
    return client.call("status");
  });
  expect(said).toMatchObject({ ok: true, payload: { n: 2 } });
  expect(verdict.outcome).toBe("cannot-tell");
});

test.each([
  ["the client", [close("client", 1000)]],
  ["the Gateway", [close("gateway", 1012, "service restart")]],
])("a call that was never answered before %s closed is as recorded", async (_, steps) => {
  const entries = numbered(conversation({}, ...HANDSHAKE, req("1", "health"), ...steps));
  const { verdict } = await play(entries, async (client) => {
    await client.connect({ scopes: SCOPES });
    client.ask("health");
    if (steps[0]?.from === "gateway") await client.closed;
    else await client.close();
  });
  expect(verdict).toMatchObject({ outcome: "unchanged", clean: true });
  expect(verdict.connections[0]?.rpcs).toMatchObject([{ grade: "recorded", replayed: null }]);
});
