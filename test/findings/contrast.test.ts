import { expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  ok,
  refused,
  req,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

const ALL = [
  "operator.admin",
  "operator.read",
  "operator.write",
  "operator.approvals",
  "operator.pairing",
  "operator.talk.secrets",
];

const failing = traceOf(
  [
    conversation(
      { peerAddress: "100.64.0.5:40000", gatewayAddress: "100.64.0.5:18789" },
      challenge(),
      connect({ client: "gateway-client/backend", scopes: ["operator.write"] }),
      helloOk({ scopes: [] }),
      req("1", "agent"),
      refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
    ),
  ],
  { name: "failing" },
);

function working(...conversations: Parameters<typeof traceOf>[0]) {
  return traceOf(conversations, { name: "working" });
}

const controlCall = conversation(
  { connection: 1 },
  challenge(),
  connect({ device: "d1", scopes: ALL }),
  helloOk({ scopes: ALL }),
  req("1", "agent"),
  ok("1"),
);

test("names the missing device identity first when another connection with one succeeded", () => {
  const [finding] = diagnose([failing, working(controlCall)]);
  expect(finding?.contrast).toMatchObject({ method: "agent", recording: "working", connection: 1 });
  expect(finding?.contrast?.differences.map(({ field }) => field)).toEqual([
    "device identity",
    "peer the Gateway saw",
    "client",
    "requested scopes",
  ]);
  expect(finding?.contrast?.differences[0]).toEqual({
    field: "device identity",
    failed: "none",
    succeeded: "sent",
  });
});

test("takes nothing for a difference that the recording does not hold", () => {
  const lost = controlCall.filter((entry) => entry.kind !== "http-request" && !isConnect(entry));
  const [finding] = diagnose([failing, working(lost)]);
  expect(finding?.contrast?.differences.map(({ field }) => field)).toEqual([
    "peer the Gateway saw",
  ]);
  // Nor is it the more similar of two.
  const [better] = diagnose([failing, working(lost), traceOf([controlCall], { name: "whole" })]);
  expect(better?.contrast?.recording).toBe("whole");
});

test("prefers the most similar connection", () => {
  const sameClientLocal = conversation(
    { connection: 2, startMs: 100 },
    challenge(),
    connect({ client: "gateway-client/backend", scopes: ["operator.write"] }),
    helloOk({ scopes: ["operator.write"] }),
    req("1", "agent"),
    ok("1"),
  );
  const [finding] = diagnose([failing, working(controlCall, sameClientLocal)]);
  expect(finding?.contrast).toMatchObject({
    connection: 2,
    differences: [
      {
        field: "peer the Gateway saw",
        failed: "100.64.0.5 (not loopback)",
        succeeded: "127.0.0.1 (loopback)",
      },
    ],
  });
});

test("puts the scopes first when the failing connection never asked for the scope", () => {
  const asksTooLittle = traceOf([
    conversation(
      {},
      challenge(),
      connect({ device: "d1", scopes: ["operator.read"] }),
      helloOk({ scopes: ["operator.read"] }),
      req("1", "agent"),
      refused("1", "INVALID_REQUEST", "missing scope: operator.write"),
    ),
  ]);
  const [finding] = diagnose([asksTooLittle, working(controlCall)]);
  expect(finding?.contrast?.differences[0]).toEqual({
    field: "requested scopes",
    failed: "operator.read",
    succeeded: "all six operator scopes",
  });
});

test("there is none where the method succeeded nowhere", () => {
  const [finding] = diagnose([failing]);
  expect(finding?.contrast).toBeNull();
});

test("among thousands of connections the contrast is found as among a few", () => {
  const many = (id: number) =>
    conversation(
      { connection: id, peerAddress: "127.0.0.1:5", startMs: id * 100 },
      challenge(),
      connect({ ...(id % 2 === 0 ? { device: `d${id}` } : {}), scopes: ["operator.read"] }),
      helloOk({ scopes: ["operator.read"] }),
      req("1", "status"),
      id % 2 === 0 ? ok("1") : refused("1", "INVALID_REQUEST", "missing scope: operator.read"),
    );
  const trace = traceOf(Array.from({ length: 4000 }, (_, index) => many(index + 1)));
  const findings = diagnose([trace]).filter(({ code }) => code.startsWith("missing-scope"));
  expect(findings).toHaveLength(2000);
  const contrasts = new Set(findings.map(({ contrast }) => contrast?.connection));
  // All that succeeded did so under equal circumstances, so the first one serves.
  expect(contrasts).toEqual(new Set([2]));
});

function isConnect(entry: (typeof controlCall)[number]): boolean {
  return (
    entry.kind === "message" &&
    entry.message.type === "text" &&
    entry.message.text.includes('"method":"connect"')
  );
}
