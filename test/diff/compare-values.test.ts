import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareValues } from "../../src/diff/compare-values.ts";

describe("what is the same", () => {
  it.each([
    ["nothing at all", undefined, undefined],
    ["keys in another order", { a: 1, b: [2] }, { b: [2], a: 1 }],
    ["another idempotency key", { idempotencyKey: "a" }, { idempotencyKey: "b" }],
    ["another time", { sentAtMs: 1 }, { sentAtMs: 2 }],
    [
      "another session, whatever it is made of",
      { sessionKey: { a: [1] } },
      { sessionKey: { a: [2] } },
    ],
    [
      "another UUID in prose",
      { message: "see 38d8116f-4090-49d1-8294-728bd6a0b752" },
      { message: "see 00000000-4090-49d1-8294-728bd6a0b752" },
    ],
  ])("%s", (_, recorded, live) => {
    expect(compareValues(recorded, live, "params")).toMatchObject({ differences: 0, first: null });
  });

  it("any JSON is the same as itself", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(compareValues(value, structuredClone(value), "x")).toMatchObject({
          differences: 0,
          volatileDifferences: 0,
        });
      }),
    );
  });
});

describe("what differs, and where first", () => {
  it.each([
    ["a value", { a: { b: [1, 2] } }, { a: { b: [1, 3] } }, "params.a.b[1]", "2", "3"],
    ["a field that came", {}, { deep: true }, "params.deep", null, "true"],
    ["a field that went, even a volatile one", { runId: "r" }, {}, "params.runId", '"r"', null],
    ["no params for empty ones", {}, undefined, "params", "{}", null],
    ["a list for an object", { a: [] }, { a: {} }, "params.a", "[]", "{}"],
    ["one more scope", { scopes: ["a"] }, { scopes: ["a", "b"] }, "params.scopes[1]", null, '"b"'],
  ])("%s", (_, recorded, live, path, was, is) => {
    expect(compareValues(recorded, live, "params")).toMatchObject({
      differences: 1,
      first: { path, recorded: was, live: is },
    });
  });

  it("shows long values cut short", () => {
    const { first } = compareValues("x".repeat(10_000), 1, "params");
    expect(first?.recorded?.length).toBeLessThan(200);
  });

  it("compares what is nested too deep to look into as a whole", () => {
    const deep: unknown = JSON.parse(`${"[".repeat(500)}1${"]".repeat(500)}`);
    const other: unknown = JSON.parse(`${"[".repeat(500)}2${"]".repeat(500)}`);
    expect(compareValues(deep, other, "x").differences).toBe(1);
  });
});

describe("credentials that were taken out", () => {
  const recorded = { url: "https://h/?token=<redacted:token:0a1b2c3d>&x=1" };

  it.each([
    ["any credential fits", "https://h/?token=s3cret&x=1", true, 0],
    ["but the rest has to be there", "https://h/?token=s3cret&x=2", true, 1],
    ["and something has to stand there", "https://h/?token=&x=1", true, 1],
    [
      "unless the recording is not redacted: then a peer sent those very words",
      "https://h/?token=s3cret&x=1",
      false,
      1,
    ],
  ])("%s", (_, url, isRedacted, differences) => {
    expect(compareValues(recorded, { url }, "params", isRedacted)).toMatchObject({ differences });
  });
});

describe("what is shown", () => {
  it("is the first of many, in order, while all are counted", () => {
    const recorded = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 0]));
    const live = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 1]));
    const { differences, shown, first } = compareValues(recorded, live, "params");
    expect(differences).toBe(30);
    expect(shown).toHaveLength(20);
    expect(shown[1]).toEqual({ path: "params.k1", recorded: "0", live: "1" });
    expect(first).toEqual(shown[0]);
  });
});
