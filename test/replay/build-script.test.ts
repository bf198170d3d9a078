import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/recording/entry.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import {
  challenge,
  client,
  close,
  connect,
  conversation,
  event,
  gateway,
  helloOk,
  numbered,
  ok,
  refused,
  req,
  type Step,
} from "../support/conversation.ts";

const HANDSHAKE = [
  challenge(),
  connect({ scopes: ["operator.read"] }),
  helloOk({ scopes: ["operator.read"] }),
];

// The first three entries are the TCP connection and the upgrade, so the challenge is entry 4 and hello-ok entry 6.
function scriptOf(...steps: readonly Step[]) {
  const [connection] = buildScript("scripted", numbered(conversation({}, ...steps))).connections;
  if (connection === undefined) throw new Error("nothing to play");
  return connection;
}

describe("a connection as a script", () => {
  it("has the handshake, the requests with their outcome, and what the Gateway did", () => {
    const script = scriptOf(
      ...HANDSHAKE,
      req("1", "agent"),
      refused("1", "FORBIDDEN", "missing scope: operator.write"),
      req("2", "health"),
    );
    expect(script).toMatchObject({
      opening: "accepted",
      challenge: { nonce: "nonce-1" },
      traced: {
        handshake: {
          connect: { client: { id: "cli", mode: "cli" }, scopes: ["operator.read"] },
          hello: { protocol: 3, auth: { scopes: ["operator.read"] } },
        },
        rpcs: [{ requestEntry: 7, error: { code: "FORBIDDEN" } }, { requestEntry: 9 }],
      },
    });
    expect(script.requests).toMatchObject([
      { entry: 5, method: "connect", answer: { entry: 6, ok: true } },
      { entry: 7, method: "agent", answer: { entry: 8, ok: false } },
      { entry: 9, method: "health", answer: null },
    ]);
    expect(script.actions).toMatchObject([
      { entry: 6, answers: 5, follows: 5 },
      { entry: 8, answers: 7, follows: 7 },
    ]);
  });

  it.each<[string, readonly Step[], object]>([
    [
      "follows the answer before it",
      [event("tick", {}, 1)],
      { follows: 6, because: null, seqStep: 1 },
    ],
    [
      "follows the request before it, when that is not answered yet",
      [req("1", "agent"), event("health", {}, 4), ok("1")],
      { follows: 7, because: null, seqStep: 4 },
    ],
    [
      "belongs to the call that it names",
      [
        req("1", "agent", { idempotencyKey: "k" }),
        ok("1"),
        req("2", "x"),
        ok("2"),
        event("agent", { runId: "k" }),
      ],
      { follows: 10, because: 7 },
    ],
    [
      "is what is no answer to anything",
      [gateway({ type: "res", id: "unknown", ok: false })],
      { follows: 6, answers: null },
    ],
  ])("an event %s", (_, steps, expected) => {
    const action = scriptOf(...HANDSHAKE, ...steps).actions.find(
      ({ act, answers, entry }) => act.type === "frame" && answers === null && entry > 6,
    );
    expect(action).toMatchObject(expected);
  });

  it("ends with the Gateway's close, but not with its echo of the client's", () => {
    const byGateway = scriptOf(
      ...HANDSHAKE,
      close("gateway", 1012, "service restart"),
      close("client", 1012),
    );
    expect(byGateway.actions.at(-1)?.act).toEqual({
      type: "message",
      message: { type: "close", code: 1012, reason: "service restart" },
    });
    const byClient = scriptOf(
      ...HANDSHAKE,
      close("client", 1000),
      event("late"),
      close("gateway", 1000),
    );
    expect(byClient.actions).toHaveLength(1);
  });

  it("holds messages of the client that are no requests", () => {
    expect(
      scriptOf(challenge(), client("{broken"), close("gateway", 1008, "invalid request frame"))
        .requests,
    ).toMatchObject([{ method: null, text: "{broken" }]);
  });
});

describe("what cannot be played", () => {
  it.each<[string, (entry: Entry) => boolean]>([
    ["a connection without an upgrade", ({ kind }) => kind === "opened" || kind === "closed"],
    [
      "an upgrade without an answer, where the recording was cut",
      ({ kind }) => kind === "opened" || kind === "http-request",
    ],
  ])("%s is left out", (_, isThere) => {
    const entries = numbered(conversation({}, ...HANDSHAKE)).filter(isThere);
    expect(buildScript("cut", entries).connections).toEqual([]);
  });

  it("any text on the wire makes a script", () => {
    const texts = fc.array(fc.tuple(fc.boolean(), fc.oneof(fc.string(), fc.json())), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(texts, (said) => {
        const steps = said.map(([fromClient, text]) => (fromClient ? client(text) : gateway(text)));
        expect(() => buildScript("any", numbered(conversation({}, ...steps)))).not.toThrow();
      }),
    );
  });

  it("a frame that is nested without end makes one too", () => {
    const deep = `{"type":"event","event":"x","payload":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    expect(scriptOf(...HANDSHAKE, gateway(deep)).actions).toHaveLength(2);
  });
});

describe("closes that cross after a refused connect", () => {
  function closesOf(...steps: readonly Step[]): readonly string[] {
    return scriptOf(...steps).actions.flatMap(({ act }) =>
      act.type === "message" && act.message.type === "close" ? [act.message.reason] : [],
    );
  }
  const refusal = [challenge(), connect(), refused("connect-1", "NOT_PAIRED", "pairing required")];

  it("keep the Gateway's, which is what a client reports, whoever's came first", () => {
    const own = close("gateway", 1008, "pairing required");
    const theirs = close("client", 1008, "connect failed");
    expect(closesOf(...refusal, theirs, own)).toEqual(["pairing required"]);
    expect(closesOf(...refusal, own, theirs)).toEqual(["pairing required"]);
  });

  it("are no closes of the Gateway when it only echoes", () => {
    const echo = [
      close("client", 1008, "connect failed"),
      close("gateway", 1008, "connect failed"),
    ];
    expect(closesOf(...refusal, ...echo)).toEqual([]);
  });

  it("do not cross on a connection that was accepted", () => {
    const bye = [close("client", 1000, "done"), close("gateway", 1005, "")];
    expect(closesOf(challenge(), connect(), helloOk(), ...bye)).toEqual([]);
  });
});
