import { describe, expect, test } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { renderReplayVerdict } from "../../src/replay/verdict/render-verdict.ts";
import { buildClientVerdict } from "../../src/replay/client/play-client.ts";
import { PLAIN_STYLE } from "../../src/views/style.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  helloOk,
  ok,
  refused,
  req,
  type Step,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

const SCOPES = ["operator.read"];
const MISSING = refused("1", "INVALID_REQUEST", "missing scope: operator.read");

function talk(...said: readonly Step[]): readonly NewEntry[] {
  return conversation(
    {},
    challenge(),
    connect({ scopes: SCOPES }),
    helloOk({ scopes: SCOPES }),
    ...said,
  );
}

function turnedAway(): readonly NewEntry[] {
  const refusal = refused("connect-1", "NOT_PAIRED", "pairing required");
  return conversation(
    {},
    challenge(),
    connect({ scopes: SCOPES }),
    refusal,
    close("gateway", 1008),
  );
}

function judge(
  before: readonly NewEntry[],
  now: readonly NewEntry[],
  heldBack: readonly number[] = [],
) {
  const held = heldBack.map((entry) => ({
    connection: 1,
    entry,
    method: "status",
    why: "it may change something",
  }));
  return buildClientVerdict(traceOf([before]), traceOf([now]), held, "ws://127.0.0.1:1");
}

const GOOD = talk(req("1", "status"), ok("1"));
const BAD = talk(req("1", "status"), MISSING);

describe("what recorded clients met", () => {
  test.each([
    ["the same", GOOD, GOOD, "unchanged", /^as recorded: 1 call on 1 connection$/],
    [
      "a refusal that is gone",
      BAD,
      GOOD,
      "fixed",
      /^fixed: status on connection 1 was refused \(INVALID_REQUEST: missing scope: operator\.read\), now allowed$/,
    ],
    [
      "a refusal that is still there",
      BAD,
      BAD,
      "still-failing",
      /^still failing: status on connection 1: INVALID_REQUEST/,
    ],
    [
      "a new refusal",
      GOOD,
      BAD,
      "different",
      /^different: status on connection 1 was allowed, now refused/,
    ],
    [
      "no answer any more",
      GOOD,
      talk(req("1", "status")),
      "cannot-tell",
      /^cannot tell: status on connection 1 was not answered$/,
    ],
    [
      "a connect that is refused now",
      GOOD,
      turnedAway(),
      "different",
      /^different: connect of connection 1 was accepted, now refused: NOT_PAIRED/,
    ],
    [
      "a connect that is let in now",
      turnedAway(),
      talk(),
      "fixed",
      /^fixed: connect of connection 1 was refused/,
    ],
  ])("%s", (_name, before, now, outcome, conclusion) => {
    const verdict = judge(before, now);
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.conclusion).toMatch(conclusion);
  });

  test("a request held back leaves open what failed before, and nothing else", () => {
    const status = (entries: readonly NewEntry[]): number =>
      entries.findIndex((entry) => JSON.stringify(entry).includes('status\\"')) + 1;
    expect(judge(BAD, talk(), [status(BAD)])).toMatchObject({
      outcome: "cannot-tell",
      wrong: ["cannot tell: status on connection 1 was held back: it may change something"],
    });
    expect(judge(GOOD, talk(), [status(GOOD)]).outcome).toBe("unchanged");
  });

  test("an answer that nobody recorded cannot be told from the one that comes now", () => {
    const handshake = [challenge(), connect({ scopes: SCOPES }), helloOk({ scopes: SCOPES })];
    const cut = conversation({ ends: false }, ...handshake, req("1", "status"));
    for (const now of [GOOD, BAD]) {
      expect(judge(cut, now)).toMatchObject({
        outcome: "cannot-tell",
        wrong: ["cannot tell: status on connection 1: the recording ends before its answer"],
      });
    }
  });

  test("an answer that was accepted and failed later has failed", () => {
    const accepted = ok("1", { status: "accepted" });
    const failedLater = refused("1", "UNAVAILABLE", "no model");
    const before = talk(req("1", "agent"), accepted, ok("1", { status: "ok" }));
    const now = talk(req("1", "agent"), accepted, failedLater);
    expect(judge(before, now)).toMatchObject({
      outcome: "different",
      conclusion: expect.stringContaining("UNAVAILABLE: no model"),
    });
  });

  test("prints then and now side by side, with nothing that steers a terminal", () => {
    const evil = talk(req("1", "status"), refused("1", "X", "\u001b[2Jgone"));
    const text = renderReplayVerdict(judge(BAD, evil), PLAIN_STYLE);
    expect(text).toContain("RECORDED");
    expect(text).toMatch(/status +INVALID_REQUEST: missing scope: operator\.read +X: /);
    expect(text).not.toContain("\u001b");
  });
});
