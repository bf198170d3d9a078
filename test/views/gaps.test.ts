import { expect, test } from "vitest";
import { checkTraces } from "../../src/findings/check.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import { connectionSchema } from "../../src/schemas/connection.ts";
import { renderExplanation } from "../../src/views/explain.ts";
import { buildConnection } from "../../src/views/show-json.ts";
import { renderShow } from "../../src/views/show.ts";
import { PLAIN_STYLE } from "../../src/views/style.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  req,
  withGap,
} from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

const script = conversation({}, challenge(), connect(), helloOk(), req("1", "health"));
const blind = traceOf([withGap(script, 6, { connection: 0 })]);
const [connection] = blind.connections;
if (connection === undefined) throw new Error("the script holds no connection");

const GAP = "from 0.007 s to 0.007 s, 5 entries: the disk was too slow";

test("show says where nothing was recorded, and which call it may concern", () => {
  const shown = renderShow([blind], diagnose([blind]), { ...PLAIN_STYLE, columns: 200 });
  expect(shown).toContain(`gap       ${GAP}`);
  expect(shown).toMatch(/health\s+not recorded/);
  expect(shown).toContain(`nothing was recorded ${GAP}`);
  expect(shown).not.toContain("no answer");
});

test("explain tells the gap, and does not say that a call got no answer", () => {
  const told = renderExplanation(blind, connection, [], { ...PLAIN_STYLE, columns: 200 });
  expect(told).toContain(`What happened is not known ${GAP}.`);
  expect(told).toContain("called health; whether it was answered was not recorded.");
});

test("explain does not say that a connect was never sent where its beginning is missing", () => {
  const tail = script.slice(6);
  const trace = traceOf([tail]);
  const [late] = trace.connections;
  const told = late === undefined ? "" : renderExplanation(trace, late, [], PLAIN_STYLE);
  expect(told).toContain("Its connect request was not recorded.");
});

test("show --json holds gaps, and calls whose answer may be in one", () => {
  const document = connectionSchema.parse(buildConnection("x", connection));
  expect(document.gaps).toMatchObject([{ side: null, missingEntries: 5 }]);
  expect(document.rpcs).toMatchObject([{ ok: null, answerLost: true }]);
});

test("a check cannot say that a method was not called where it may be missing", () => {
  const expectations = { failOn: [], expectMethods: [], expectScopes: [], maxLatencyMs: null };
  const check = (trace: typeof blind) =>
    checkTraces([trace], [], { ...expectations, forbidMethods: ["config.set"] });
  expect(check(traceOf([script])).passed).toBe(true);
  const [item] = check(blind).items;
  expect(item).toMatchObject({
    passed: false,
    title: "whether config.set was called is unknown: not all was recorded",
  });
});
