import { describe, expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import type { Entry, NewEntry } from "../../src/recording/entry.ts";
import { Cut } from "../../src/reduce/cut.ts";
import { ddmin, minimize } from "../../src/reduce/minimize.ts";
import { mergeRecordings } from "../../src/reduce/merge.ts";
import { TraceBuilder } from "../../src/trace/build.ts";
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
import { HEADER, traceOf } from "../support/traces.ts";

import fc from "fast-check";

const RECORDING = { name: "r", header: HEADER, complete: true, missing: [], entryCount: 0 };

function codesOf(entries: readonly Entry[]): readonly string[] {
  const builder = new TraceBuilder();
  for (const entry of entries) builder.add(entry);
  return diagnose([builder.trace(RECORDING)]).map(({ code }) => code);
}

/** A client that talks for long; somewhere in it one call is refused. */
function chatter(id: number, calls: number, refuseAt: number | null): readonly NewEntry[] {
  const steps = Array.from({ length: calls }, (_, index) => [
    req(`c${index}`, "sessions.list", { n: index }),
    index === refuseAt
      ? refused(`c${index}`, "INVALID_REQUEST", "missing scope: operator.read")
      : ok(`c${index}`, {}),
    event("tick", { ts: index }, index + 1),
  ]).flat();
  return conversation(
    { connection: id, startMs: id * 3 },
    challenge(),
    connect({ scopes: [] }),
    helloOk({ scopes: [] }),
    ...steps,
    close("client"),
  );
}

describe("minimize", () => {
  test("ten thousand frames become the five that show it", () => {
    const entries = numbered(
      ...Array.from({ length: 7 }, (_, at) => chatter(at + 1, 480, at === 4 ? 300 : null)),
    );
    expect(entries.filter(({ kind }) => kind === "message").length).toBeGreaterThan(10_000);
    const tried: number[] = [];
    const smallest = minimize(entries, RECORDING, "missing-scope", (progress) =>
      tried.push(progress.tried),
    );
    expect(
      smallest?.map((entry) =>
        entry.kind === "message" && entry.message.type === "text"
          ? (JSON.parse(entry.message.text).method ?? JSON.parse(entry.message.text).event ?? "res")
          : entry.kind,
      ),
    ).toEqual([
      "opened",
      "http-request",
      "http-response",
      "connect.challenge",
      "connect",
      "res",
      "sessions.list",
      "res",
      "message",
      "closed",
    ]);
    expect(new Set(smallest?.map(({ connection }) => connection))).toEqual(new Set([5]));
    expect(codesOf(smallest ?? [])).toContain("missing-scope-not-requested");
    expect(tried.at(-1)).toBe(tried.length);
  });

  test("a finding that needs several connections keeps as many", () => {
    const storm = Array.from({ length: 12 }, (_, at) =>
      conversation(
        { connection: at + 1, startMs: at * 100, endedBy: "gateway" },
        challenge(),
        connect(),
        refused("connect-1", "INVALID_REQUEST", "unauthorized: gateway token mismatch"),
        close("gateway", 1008),
      ),
    );
    const smallest =
      minimize(numbered(...storm, chatter(50, 20, null)), RECORDING, "reconnect-storm") ?? [];
    expect(new Set(smallest.map(({ connection }) => connection)).size).toBe(6);
    expect(codesOf(smallest)).toContain("reconnect-storm");
  });

  test("what follows from a call keeps the call", () => {
    const entries = numbered(
      conversation(
        {},
        challenge(),
        connect({ scopes: ["operator.write"] }),
        helloOk({ scopes: ["operator.write"] }),
        req("c1", "agent", { idempotencyKey: "run-1" }),
        ok("c1", { runId: "run-1", status: "accepted" }),
        req("c2", "health"),
        ok("c2"),
        req("c3", "agent.wait", { runId: "run-1" }),
        refused("c3", "FORBIDDEN", "missing scope: operator.read"),
      ),
    );
    const smallest = minimize(entries, RECORDING, "missing-scope") ?? [];
    const said = smallest.flatMap((entry) =>
      entry.kind === "message" && entry.message.type === "text"
        ? [JSON.parse(entry.message.text)]
        : [],
    );
    expect(said.flatMap(({ method }) => method ?? [])).toEqual(["connect", "agent", "agent.wait"]);
  });

  test("what is not there cannot be kept", () => {
    expect(minimize(numbered(chatter(1, 3, null)), RECORDING, "missing-scope")).toBeNull();
  });
});

test("ddmin keeps just what is needed, and that in order", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 80 }), { maxLength: 5 }), (needed) => {
      const items = Array.from({ length: 81 }, (_, index) => index);
      const left = ddmin(items, (part) => needed.every((item) => part.includes(item)));
      expect(left).toEqual(needed.toSorted((a, b) => a - b));
    }),
  );
});

test("a cut keeps the handshakes of what it keeps, and an answer its request", () => {
  const conversations = [chatter(1, 5, 3), chatter(2, 5, null)];
  const entries = numbered(...conversations);
  const refusal = entries.find(
    (entry) =>
      entry.kind === "message" &&
      entry.message.type === "text" &&
      entry.message.text.includes("missing scope"),
  );
  const plan = new Cut(traceOf(conversations));
  for (const entry of entries) plan.look(entry, entry.entry === refusal?.entry);
  const chosen = plan.chosen();
  const cut = entries.filter(({ entry }) => chosen.has(entry));
  expect(cut).toHaveLength(10);
  expect(new Set(cut.map(({ connection }) => connection))).toEqual(new Set([1]));
  expect(codesOf(cut)).toEqual(["missing-scope-not-requested"]);
});

describe("merge", () => {
  const early = {
    header: { ...HEADER, startedAt: "2026-11-23T12:00:00.000Z" },
    entries: numbered(chatter(1, 2, null)),
  };
  const late = {
    header: {
      ...HEADER,
      startedAt: "2026-11-23T12:00:00.005Z",
      redaction: "off" as const,
      scrubbed: "content" as const,
    },
    entries: numbered(chatter(1, 2, 1)),
  };

  test("entries come in the order of the wall clock, connections are numbered anew", () => {
    const { entries } = mergeRecordings([late, early]);
    expect(entries.map(({ atMs }) => atMs)).toEqual(
      entries.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
    const openings = entries.filter(({ kind }) => kind === "opened");
    expect(openings.map(({ connection, atMs }) => [connection, atMs])).toEqual([
      [1, 4],
      [2, 9],
    ]);
    expect(entries.filter(({ connection }) => connection === 1)).toHaveLength(early.entries.length);
  });

  test("the header promises no more than the least of them does", () => {
    expect(mergeRecordings([early, late]).header).toMatchObject({
      startedAt: "2026-11-23T12:00:00.000Z",
      redaction: "off",
      scrubbed: null,
      upstream: HEADER.upstream,
      source: "tap",
    });
  });
});
