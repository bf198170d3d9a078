import { describe, expect, it } from "vitest";
import { Correlation } from "../../src/replay/play/render-frame.ts";
import { collectTyingValues } from "../../src/replay/script/scripted-connection.ts";

const A = "aaaaaaaa-1111-4111-8111-111111111111";
const B = "bbbbbbbb-2222-4222-8222-222222222222";

function learnt(recorded: unknown, live: unknown): Correlation {
  const correlation = new Correlation();
  correlation.learnFrom(recorded, live);
  return correlation;
}

describe("rewriting", () => {
  it.each([
    ["a whole string", { runId: "k1" }, { runId: "z9" }, { runId: "k1" }, { runId: "z9" }],
    [
      "a short value never inside a word",
      { runId: "k1" },
      { runId: "z9" },
      { text: "k1 and k17" },
      { text: "k1 and k17" },
    ],
    [
      "a long value inside a text",
      { runId: "run-12345" },
      { runId: "z" },
      { text: "(run-12345)." },
      { text: "(z)." },
    ],
    [
      "a UUID inside a key",
      { key: `agent:${A}` },
      { key: `agent:${B}` },
      { of: { [`x:${A}`]: 1 } },
      { of: { [`x:${B}`]: 1 } },
    ],
    [
      "the longer value first",
      { sessionKey: `s:${A}`, runId: A },
      { sessionKey: "mine", runId: B },
      [`s:${A}`, A],
      ["mine", B],
    ],
    [
      "values with quotes and backslashes",
      { runId: 'a"b\\c' },
      { runId: 'd"\\' },
      { runId: 'a"b\\c' },
      { runId: 'd"\\' },
    ],
    [
      "nothing that did not change",
      { runId: "same", limit: 5 },
      { runId: "same", limit: 6 },
      { runId: "same", limit: 5 },
      { runId: "same", limit: 5 },
    ],
    [
      "no plain field",
      { message: "hello there" },
      { message: "good morning" },
      "hello there",
      "hello there",
    ],
  ])("%s", (_, recorded, live, said, rewritten) => {
    const now = learnt(recorded, live).rewrite(said);
    expect(JSON.parse(JSON.stringify(now))).toEqual(rewritten);
  });

  it("knows what was learnt on another connection, and prefers what was learnt on this one", () => {
    const all = new Correlation();
    const [one, two] = [new Correlation(all), new Correlation(all)];
    one.learn("recorded-run", "live-one");
    expect(two.rewrite("recorded-run")).toBe("live-one");
    two.learn("recorded-run", "live-two");
    expect([one.rewrite("recorded-run"), two.rewrite("recorded-run")]).toEqual([
      "live-one",
      "live-two",
    ]);
  });

  it("goes back to the recorded value when the client says that", () => {
    const correlation = learnt({ runId: "recorded-run" }, { runId: "live-run" });
    correlation.learnFrom({ runId: "recorded-run" }, { runId: "recorded-run" });
    expect(correlation.rewrite("recorded-run")).toBe("recorded-run");
  });

  it("reads megabytes of one string", () => {
    const long = JSON.stringify("\\".repeat(2_000_000));
    expect(learnt({ runId: "k1" }, { runId: "z9" }).rewrite(long)).toBe(long);
  });
});

describe("values that tie a message to a call", () => {
  it("are those that one call has, apart from those that many share", () => {
    expect(
      collectTyingValues({
        runId: "r",
        sessionKey: `agent:${A}`,
        data: [{ text: `see ${B}`, n: 1 }],
      }),
    ).toEqual({
      single: new Set(["r", A, B]),
      lasting: new Set([`agent:${A}`]),
    });
  });
});
