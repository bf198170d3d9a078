import { describe, expect, test } from "vitest";
import { matchesFilter } from "../../src/filter/filter.ts";
import { narrowTrace } from "../../src/filter/narrow.ts";
import { Occurring } from "../../src/filter/occurring.ts";
import { parseFilter } from "../../src/filter/parse.ts";
import { SubjectReader } from "../../src/filter/subject.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import {
  challenge,
  close,
  connect,
  conversation,
  event,
  helloOk,
  numbered,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

const talked = conversation(
  { connection: 1 },
  challenge(),
  connect({ scopes: ["operator.read"] }),
  helloOk({ scopes: ["operator.read"] }),
  req("req", "health"),
  ok("req"),
  req("req-17", "status"),
  refused("req-17", "INVALID_REQUEST", "missing scope: operator.write"),
  req("run", "agent"),
  ok("run", { status: "accepted" }),
  refused("run", "UNAVAILABLE", "no key", { code: "NO_KEY" }),
  event("tick"),
);
const turnedAway = conversation(
  { connection: 2, startMs: 100 },
  challenge(),
  connect({ client: "webchat-ui/webchat", role: "node" }),
  refused("connect-1", "NOT_PAIRED", "pairing required", { code: "PAIRING_REQUIRED" }),
  close("gateway", 1008, "pairing required"),
);
const entries = numbered(talked, turnedAway);
const trace = traceOf([talked, turnedAway]);
const subjects = new SubjectReader(trace, diagnose([trace]));

function filterOf(text: string) {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.filter;
}

function keptBy(text: string): readonly string[] {
  const filter = filterOf(text);
  const matched = new Map(
    entries
      .filter((entry) => matchesFilter(filter, subjects.read(entry)))
      .map(({ entry, connection }) => [entry, connection]),
  );
  return narrowTrace(trace, matched).connections.map(({ id, rpcs }) =>
    `${id}: ${rpcs.map(({ method }) => method).join(" ")}`.trimEnd(),
  );
}

describe("a filter keeps the calls that have a matching entry, and no others", () => {
  test.each([
    ["type==res && !ok", ["1: status agent", "2:"]],
    ["conn==1 && type==res && !ok && code==NO_KEY", ["1: agent"]],
    ["ok && type==res && conn==1", ["1: health agent"]],
    ["method==health", ["1: health"]],
    ["id==req", ["1: health"]],
    ["id==req-17", ["1: status"]],
    ["id in [req, run]", ["1: health agent"]],
    ["scope==write", ["1: status"]],
    ["finding==rpc-failed", ["1: agent"]],
    ["type==event && event==tick", ["1:"]],
    ["type==req && method==agent", ["1: agent"]],
  ])("%s", (text, kept) => {
    expect(keptBy(text)).toEqual(kept);
  });

  test.each(["method==connect && conn==1", "type==connection && conn==1"])(
    "%s is about the connection as a whole: its calls stay",
    (text) => {
      expect(keptBy(text)).toEqual(["1: health status agent"]);
    },
  );
});

describe("a value is equal to itself only", () => {
  test.each([
    ["id==req", { id: "req-17" }],
    ["code==NOT", { code: ["NOT-PAIRED"] }],
    ["method==chat", { method: "chat-send" }],
    ["method==write", { method: "operator.write" }],
    ["role==operator", { role: "operator-x" }],
    ["client==cli", { client: "cli-x/cli" }],
    ["event==tick", { event: "tick-tock" }],
    ["scope==operator", { scope: ["operator-x"] }],
  ])("%s is not %j", (text, subject) => {
    const all = { ...subjects.read(entries[0] ?? { ...NOTHING }), ...subject };
    expect(matchesFilter(filterOf(text), all)).toBe(false);
  });
});

const NOTHING = { entry: 1, kind: "opened", atMs: 0, wallMs: 0, connection: 1, clientAddress: null, peerAddress: null, gatewayAddress: null } as const; // prettier-ignore

describe("a value that does not occur names the nearest that does", () => {
  const problemOf = (text: string) => {
    const occurring = new Occurring(filterOf(text));
    for (const entry of entries) occurring.look(subjects.read(entry));
    return occurring.problem();
  };

  test.each([
    ["conn==c99", 7, 'there is no conn "99" here; the nearest is'],
    ["code==NOT_PIARED", 7, 'there is no code "NOT_PIARED" here; the nearest is NOT_PAIRED'],
    ["code!=NO_KEI", 7, 'there is no code "NO_KEI" here; the nearest is NO_KEY'],
    ["ok || scope==wriite", 14, 'there is no scope "wriite" here; the nearest is write'],
    ["scope==operator.raed", 8, "the nearest is operator.read"],
    ["method in [health, agnt]", 20, 'there is no method "agnt" here; the nearest is agent'],
    ["!(client==webchat-iu/webchat)", 11, "the nearest is webchat-ui/webchat"],
    ["role==nod", 7, "the nearest is node"],
    ["event==tik", 8, "the nearest is tick"],
    ["id==ruun", 5, "the nearest is run"],
  ])("%s", (text, position, message) => {
    const problem = problemOf(text);
    expect(problem?.position).toBe(position);
    expect(problem?.message).toContain(message);
  });

  test.each([
    "conn==2",
    "code==PAIRING_REQUIRED",
    "code==1008",
    "code==101",
    "scope==write",
    "scope==operator.read",
    "id!=req",
    "id~xyz",
    "method~nowhere",
    "conn>99",
    "finding==slow-call",
  ])("%s is no problem", (text) => {
    expect(problemOf(text)).toBeNull();
  });

  test("a field that nothing has says so", () => {
    const occurring = new Occurring(filterOf("scope==read"));
    expect(occurring.problem()?.message).toBe("there is no scope at all here");
  });
});
