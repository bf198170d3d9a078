import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Subject } from "../../src/filter/fields.ts";
import { matchesFilter } from "../../src/filter/filter.ts";
import { parseFilter } from "../../src/filter/parse.ts";

const refusal: Subject = {
  conn: 2,
  from: "gateway",
  type: "res",
  method: "chat.send",
  event: null,
  id: "42",
  ok: false,
  code: ["INVALID_REQUEST"],
  scope: ["operator.write"],
  client: "cli/cli",
  role: "operator",
  sizeBytes: 4100,
  latencyMs: 12,
  finding: ["missing-scope-dropped"],
  text: () => '{"error":"missing scope: operator.write"}',
};

function matches(text: string, subject: Subject = refusal): boolean {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`${parsed.problem.position}: ${parsed.problem.message}`);
  return matchesFilter(parsed.filter, subject);
}

describe("matches", () => {
  test.each([
    "conn==2",
    "conn==c2",
    "conn==#2",
    "!ok",
    "ok==false",
    "type==res && !ok",
    "method~CHAT",
    "method==chat.send",
    "method in [agent, chat.send]",
    "method in (agent, chat.send)",
    "code==INVALID_REQUEST",
    "scope==operator.write",
    "scope==write",
    "scope!=read",
    "finding==missing-scope",
    "finding==missing-scope-dropped",
    "size>4kB",
    "size < 4.2KB",
    "latency>10ms && latency<1s",
    "client==cli/cli",
    "event!=tick",
    '"missing scope"',
    "MISSING",
    "missing operator.write",
    "conn==1 || conn==2",
    "!(conn==1 || conn==3)",
    "conn==1 && ok || type==res",
    "!!type==res",
  ])("%s", (text) => {
    expect(matches(text)).toBe(true);
  });
});

describe("does not match", () => {
  test.each([
    "ok",
    "conn==1",
    "type==req",
    "event==tick",
    "event~t",
    "latency<12",
    "latency>12",
    "scope==read",
    "method in [agent]",
    "conn==1 || conn==2 && ok",
    "nowhere to be found",
  ])("%s", (text) => {
    expect(matches(text)).toBe(false);
  });
});

describe("is a problem that says where and what", () => {
  test.each([
    ["", 1, "the filter is empty"],
    ["metod==agent", 1, 'there is no field "metod"; did you mean method?'],
    ["type==res &&", 13, "expected a field or a word to search"],
    ["type==evnt", 7, 'there is no type "evnt" here; the nearest is event'],
    ["ok==tru", 5, 'there is no ok "tru" here; the nearest is true'],
    [
      "finding==missing-skope",
      10,
      'there is no finding "missing-skope" here; the nearest is missing-scope',
    ],
    [
      "size>4parsecs",
      6,
      '"4parsecs" is no size; write a number with b, kb, mb, kib, mib or no unit',
    ],
    ["method>5", 8, "method is no number; < and > compare conn, size and latency"],
    ["type=res", 5, "write == to compare"],
    ["ok & ok", 4, "write && to combine"],
    ['"open', 1, "a quote is not closed"],
    ["(ok", 4, "a ) is missing"],
    ["ok )", 4, '")" is one too many'],
    ["method in agent", 11, "expected a list: in [a, b]"],
    ["method in [agent", 17, "the list is not closed"],
    ["conn==", 7, "expected a value for conn"],
  ])("%s", (text, position, message) => {
    expect(parseFilter(text)).toEqual({ ok: false, problem: { position, message } });
  });
});

test("any text is a filter or a problem within it, never an exception", () => {
  const piece = fc.constantFrom(
    "ok",
    "conn",
    "==",
    "!=",
    "~",
    "<",
    "in",
    "&&",
    "||",
    "!",
    "(",
    ")",
    "[",
    "]",
    ",",
    '"',
    "\\",
    "x",
    " ",
    "1kB",
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, (filter) => {
      const parsed = parseFilter(filter);
      const at = parsed.ok ? 1 : parsed.problem.position;
      expect(at).toBeGreaterThanOrEqual(1);
      expect(at).toBeLessThanOrEqual(filter.length + 1);
      expect(() => parsed.ok && matchesFilter(parsed.filter, refusal)).not.toThrow();
    }),
    { numRuns: 2000 },
  );
});
