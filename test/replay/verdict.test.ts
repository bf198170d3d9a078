import { describe, expect, it } from "vitest";
import { buildScript } from "../../src/replay/script/build-script.ts";
import type { Script } from "../../src/replay/script/script.ts";
import {
  compareConnection,
  type PlayedConnection,
  type PlayedRpc,
  neverOpened,
} from "../../src/replay/verdict/compare.ts";
import { type ReplayOutcome, buildVerdict } from "../../src/replay/verdict/verdict.ts";
import { renderReplayVerdict } from "../../src/replay/verdict/render-verdict.ts";
import { PLAIN_STYLE } from "../../src/views/style.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  numbered,
  ok,
  refused,
  req,
} from "../support/conversation.ts";

const SCRIPT = buildScript(
  "spawn-77807",
  numbered(
    conversation(
      { connection: 1 },
      challenge(),
      connect({ client: "gateway-client/backend" }),
      helloOk(),
      req("1", "agent"),
      refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
    ),
    conversation(
      { connection: 2, startMs: 100 },
      challenge(),
      connect(),
      helloOk(),
      req("1", "health"),
      ok("1"),
    ),
  ),
);

const RPC: PlayedRpc = {
  method: "agent",
  as: "same",
  grade: "recorded",
  entry: 7,
  recorded: {
    entry: 8,
    ok: false,
    errorCode: "INVALID_REQUEST",
    errorMessage: "missing scope: operator.write",
  },
  replayed: {
    ok: false,
    errorCode: "INVALID_REQUEST",
    errorMessage: "missing scope: operator.write",
  },
  source: null,
  aftermath: null,
  missing: null,
  unseen: null,
  difference: null,
  nearest: null,
};

const CONNECTION: PlayedConnection = {
  live: 1,
  recording: "spawn-77807",
  connection: 1,
  client: "gateway-client/backend operator",
  as: "same",
  grade: "recorded",
  recorded: { ok: true, errorCode: null, errorMessage: null, detailCode: null },
  replayed: { ok: true, errorCode: null, errorMessage: null, detailCode: null },
  scopes: { before: [], after: [] },
  source: null,
  missing: null,
  differences: [],
  unseen: null,
  gaps: null,
  rpcs: [RPC],
};

function verdictOf(scripts: readonly Script[], played: readonly PlayedConnection[]) {
  const never = scripts
    .flatMap(({ connections }) => connections)
    .filter(({ id }) => !played.some(({ connection }) => connection === id))
    .map((connection) => compareConnection(neverOpened(connection)));
  const recordings = scripts.map(({ recording }) => recording);
  return buildVerdict({ recordings, connections: [...played, ...never] });
}

describe("the verdict", () => {
  it("adds what nobody opened or asked", () => {
    const verdict = verdictOf([SCRIPT], [CONNECTION]);
    expect(verdict.connections[1]).toMatchObject({
      live: null,
      connection: 2,
      as: "never",
      rpcs: [{ method: "health", as: "never" }],
    });
    expect(verdict).toMatchObject({
      clean: false,
      totals: { connections: { same: 1, never: 1 }, rpcs: { same: 1, never: 1 } },
      conclusion:
        "not as recorded: 1 connection never opened, 1 call never asked for; as recorded: 1 call on 1 connection",
    });
  });

  it.each([
    ["nothing wrong", [{}], true],
    ["a request that differs", [{ as: "differing" }], false],
    ["a request that is not recorded", [{ as: "unmatched" }], false],
    ["a request asked again", [{}, { as: "again" }], true],
  ] as const)("is clean with %s: %s", (_, changes, clean) => {
    const whole = { ...SCRIPT, connections: SCRIPT.connections.slice(0, 1) };
    const rpcs = changes.map((change) => ({ ...RPC, ...change }));
    expect(verdictOf([whole], [{ ...CONNECTION, rpcs }]).clean).toBe(clean);
  });

  it("is not clean when a connection came that is not recorded", () => {
    const stranger: PlayedConnection = {
      ...CONNECTION,
      live: 2,
      recording: null,
      connection: null,
      as: "unmatched",
      grade: "unknown",
      rpcs: [],
    };
    expect(verdictOf([], [stranger])).toMatchObject({
      clean: false,
      conclusion: "not as recorded: 1 connection unmatched; as recorded: 0 calls on 0 connections",
    });
  });
});

describe("the outcome", () => {
  const failed = {
    ok: false,
    errorCode: "INVALID_REQUEST",
    errorMessage: "missing scope: operator.write",
    detailCode: null,
  };
  const good = { ok: true, errorCode: null, errorMessage: null, detailCode: null };
  const whole = { ...SCRIPT, connections: SCRIPT.connections.slice(0, 1) };
  const of = (connection: Partial<PlayedConnection>, rpc: Partial<PlayedRpc> = {}) =>
    verdictOf([whole], [{ ...CONNECTION, rpcs: [{ ...RPC, ...rpc }], ...connection }]);

  it("is fixed, with the reason and where the answer is from, when what failed is allowed", () => {
    const change: Partial<PlayedRpc> = {
      as: "differing",
      grade: "derived",
      replayed: good,
      source: "control, connection 2",
    };
    expect(of({}, change)).toMatchObject({
      outcome: "fixed",
      conclusion:
        "fixed: agent on connection 1 was refused (missing operator.write), now allowed (derived: control, connection 2)",
    });
  });

  it("counts nothing as recorded that was answered otherwise", () => {
    const denied: Partial<PlayedRpc> = {
      grade: "derived",
      recorded: { entry: 8, ...good },
      replayed: failed,
      source: "rules",
    };
    expect(of({ as: "differing", grade: "derived", source: "rules" }, denied)).toMatchObject({
      outcome: "different",
      conclusion:
        "not as recorded: 1 connection differing; as recorded: 0 calls on 0 connections, 1 derived",
    });
  });

  const outcomes: readonly (readonly [
    outcome: ReplayOutcome,
    connection: Partial<PlayedConnection>,
    rpc: Partial<PlayedRpc>,
  ])[] = [
    ["unchanged", {}, { recorded: { entry: 8, ...good }, replayed: good }],
    ["still-failing", {}, {}],
    ["different", {}, { grade: "derived", recorded: { entry: 8, ...good }, replayed: failed }],
    ["different", { recorded: good, replayed: failed }, { replayed: good }],
    ["cannot-tell", {}, { grade: "unknown", replayed: null, missing: "whether it is so" }],
    ["cannot-tell", { grade: "unknown", replayed: null }, { replayed: good }],
    ["fixed", { recorded: failed, replayed: good }, { as: "never", replayed: null }],
  ];

  it.each(outcomes)("is %s: %o, %o", (outcome, connection, rpc) => {
    expect(of(connection, rpc).outcome).toBe(outcome);
  });
});

describe("rendered", () => {
  const differing: PlayedConnection = {
    ...CONNECTION,
    as: "differing",
    grade: "unknown",
    differences: [{ path: "connect.device", recorded: "null", live: '"present"' }],
    rpcs: [
      RPC,
      {
        ...RPC,
        as: "differing",
        grade: "unknown",
        replayed: null,
        difference: { path: "params.message", recorded: '"a"', live: null },
      },
      {
        ...RPC,
        method: "agents\u001b[2J",
        as: "unmatched",
        grade: "unknown",
        entry: null,
        recorded: null,
        replayed: null,
        nearest: { connection: 1, entry: 7, method: "agent", used: true },
      },
    ],
  };

  it("puts before and now of each connection and each rpc side by side, in words, and ends with the conclusion", () => {
    expect(renderReplayVerdict(verdictOf([SCRIPT], [differing]), PLAIN_STYLE)).toBe(
      [
        "replay of spawn-77807",
        "",
        "connection 1, recorded connection 1: gateway-client/backend operator",
        '  connect.device: recorded null, now "present"',
        "                 RECORDED                                        NOW                                             FROM",
        "  connect        ok []                                           ok []                                           unknown",
        "  agent          INVALID_REQUEST: missing scope: operator.write  INVALID_REQUEST: missing scope: operator.write  as recorded",
        '  agent          INVALID_REQUEST: missing scope: operator.write  -                                               unknown: params.message: recorded "a", now nothing',
        String.raw`  agents\x1b[2J  -                                               -                                               unknown: not recorded; nearest: agent (entry 7, asked already as often as recorded)`,
        "",
        "recorded connection 2: cli/cli operator",
        "           RECORDED  NOW              FROM",
        "  connect  ok []     NEVER OPENED",
        "  health   ok        NEVER ASKED FOR",
        "",
        "cannot tell: connect of connection 1: no recorded connection answers it",
        "still failing: agent on connection 1: missing operator.write (recorded)",
        "cannot tell: agent on connection 1: its params differ",
        String.raw`cannot tell: agents\x1b[2J on connection 1: it is not in the recording`,
        "connect of connection 2 was never made",
        "health on connection 2 was never asked for",
        "not as recorded: 1 connection differing, 1 connection never opened, 1 call unmatched, 1 call differing, 1 call never asked for; as recorded: 1 call on 0 connections",
        "",
      ].join("\n"),
    );
  });
});
