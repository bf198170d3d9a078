import { describe, expect, test } from "vitest";
import type { Expectations } from "../../src/findings/check.ts";
import { ok, refused, req } from "../support/conversation.ts";
import { check, failing, reader } from "../support/checks.ts";
import { traceOf } from "../support/traces.ts";

const HEALTHY = traceOf([reader(1, req("1", "status"), ok("1"))], { name: "healthy" });
const FAILING = failing("failing");

function titles(trace: typeof HEALTHY, expected: Partial<Expectations>): readonly string[] {
  const { items } = check([trace], expected);
  return items
    .filter(({ finding }) => finding === null)
    .map(({ passed, title }) => `${passed ? "ok" : "FAIL"} ${title}`);
}

describe("findings", () => {
  test.each([
    [["error"], ["missing-scope-not-requested"]],
    [["warning"], ["missing-scope-not-requested"]],
    [["info"], ["missing-scope-not-requested", "rpc-failed"]],
    [["missing-scope"], ["missing-scope-not-requested"]],
    [["rpc-failed"], ["rpc-failed"]],
    [["pairing-required"], []],
    [[], []],
  ])("fail on %j", (failOn, expected) => {
    const { passed, items } = check([FAILING], { failOn });
    expect(items.filter((item) => !item.passed).map(({ finding }) => finding?.code)).toEqual(
      expected,
    );
    expect(passed).toBe(expected.length === 0);
    expect(items).toHaveLength(2);
  });
});

describe("methods", () => {
  test.each([
    ["status", "ok status was called and answered ok (1 of 1)"],
    ["agent", "FAIL agent was never called"],
  ])("expected: %s", (method, expected) => {
    expect(titles(HEALTHY, { expectMethods: [method] })).toEqual([expected]);
  });

  test("expected, but refused", () => {
    const expected = ["FAIL agent was never answered ok: missing scope: operator.write"];
    expect(titles(FAILING, { expectMethods: ["agent"] })).toEqual(expected);
  });

  test("expected, but without an answer", () => {
    const trace = traceOf([reader(1, req("1", "agent"))]);
    expect(titles(trace, { expectMethods: ["agent"] })).toEqual([
      "FAIL agent was never answered ok: no answer",
    ]);
  });

  test("expected, but it failed after it was accepted", () => {
    const trace = traceOf([
      reader(
        1,
        req("1", "agent"),
        ok("1", { status: "accepted" }),
        refused("1", "UNAVAILABLE", "no model"),
      ),
    ]);
    expect(titles(trace, { expectMethods: ["agent"] })).toEqual([
      "FAIL agent was never answered ok: no model",
    ]);
  });

  test("one good answer is enough, in any of the recordings", () => {
    const { passed } = check([FAILING, HEALTHY], { expectMethods: ["status"] });
    expect(passed).toBe(true);
  });

  test("forbidden: one failure for each connection that called it", () => {
    const calls = [req("1", "agent"), ok("1"), req("2", "agent"), ok("2")];
    const trace = traceOf([reader(1, ...calls), reader(2, ...calls.slice(0, 2))]);
    const { items } = check([trace], { forbidMethods: ["agent", "status"] });
    expect(items.map(({ passed, connection, title }) => [passed, connection, title])).toEqual([
      [false, 1, "agent was called 2 times"],
      [false, 2, "agent was called"],
      [true, null, "status was not called"],
    ]);
  });
});

describe("scopes", () => {
  test("every accepted connection holds it", () => {
    const trace = traceOf([reader(1), reader(2)]);
    expect(titles(trace, { expectScopes: ["operator.read"] })).toEqual([
      "ok every accepted connection holds operator.read (2)",
    ]);
  });

  test("each that does not is named", () => {
    const { items } = check([traceOf([reader(1), reader(2)])], {
      expectScopes: ["operator.write"],
    });
    expect(items).toMatchObject([
      {
        passed: false,
        connection: 1,
        title: "the connection does not hold operator.write, nor did it ask for it",
      },
      { passed: false, connection: 2 },
    ]);
  });

  test("no accepted connection is no proof", () => {
    expect(titles(traceOf([]), { expectScopes: ["operator.read"] })).toEqual([
      "FAIL no connection was accepted, so none holds operator.read",
    ]);
  });
});

test("latency: calls that took longer are named, the others counted", () => {
  const slow = traceOf([reader(1, req("1", "a"), req("2", "b"), ok("2"), ok("1"))]);
  expect(titles(slow, { maxLatencyMs: 3 })).toEqual(["ok every call was answered within 3 ms (2)"]);
  expect(titles(slow, { maxLatencyMs: 2 })).toEqual(["FAIL a took 3 ms, over 2 ms"]);
});

test("says how much it looked at", () => {
  expect(check([FAILING, HEALTHY], {})).toMatchObject({ passed: true, connections: 2, rpcs: 4 });
});
