import { expect, test } from "vitest";
import { matchesFilter } from "../../src/filter/filter.ts";
import { narrowTrace } from "../../src/filter/narrow.ts";
import { parseFilter } from "../../src/filter/parse.ts";
import { SubjectReader } from "../../src/filter/subject.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import {
  close,
  connect,
  conversation,
  event,
  helloOk,
  challenge,
  numbered,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

const conversations = [
  conversation(
    { connection: 1 },
    challenge(),
    connect({ scopes: ["operator.read"], device: "d" }),
    helloOk({ scopes: ["operator.read"] }),
    req("1", "agent"),
    refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
    req("2", "status"),
    ok("2"),
    event("tick"),
    close("client", 1000, "done"),
  ),
  conversation(
    { connection: 2, startMs: 100 },
    challenge(),
    connect({ client: "gateway-client/backend" }),
  ),
];
const trace = traceOf(conversations);
const entries = numbered(...conversations);

function matching(filter: string): readonly number[] {
  const parsed = parseFilter(filter);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  const subjects = new SubjectReader(trace, diagnose([trace]));
  return entries
    .filter((entry) => matchesFilter(parsed.filter, subjects.read(entry)))
    .map(({ entry }) => entry);
}

test.each([
  // Entries 1 to 3 are the opening and the upgrade, 4 the challenge, 5 connect, 6 hello-ok, 7 and 8 agent, 9 and 10 status.
  ["method==agent", [7, 8]],
  ["method==connect", [5, 6, 18]],
  ["type==res && !ok && conn==1", [8]],
  ["scope==write", [8]],
  ["scope==read", [5, 6]],
  ["finding==missing-scope", [5, 6, 7, 8]],
  ["code==1000", [12]],
  ["event==tick", [11]],
  ["latency>0ms && method==status", [10]],
  ["client==gateway-client/backend && type==req", [18]],
  ["type==http && conn==2", [15, 16]],
  ["missing && conn==1", [8]],
])("%s lets through entries %j", (filter, expected) => {
  expect(matching(filter)).toEqual(expected);
});

test("a narrowed trace keeps the connections and the calls that match", () => {
  const matched = new Map([[8, 1]]);
  const narrowed = narrowTrace(trace, matched);
  expect(
    narrowed.connections.map(({ id, rpcs }) => [id, rpcs.map(({ method }) => method)]),
  ).toEqual([[1, ["agent"]]]);
  expect(narrowed.connections[0]?.scopes).toEqual(trace.connections[0]?.scopes);
});

test("a filter on the handshake keeps all calls of its connection", () => {
  const narrowed = narrowTrace(trace, new Map([[5, 1]]));
  expect(narrowed.connections.map(({ rpcs }) => rpcs.length)).toEqual([2]);
});
