import { expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import { TraceBuilder } from "../../src/trace/build.ts";
import { conversation, numbered, ok, refused, req } from "../support/conversation.ts";
import { traceOf } from "../support/traces.ts";

test("of very many calls, failures, waiting ones, examples and the newest stay", () => {
  const script = conversation(
    {},
    req("accepted", "agent"),
    ok("accepted", { status: "accepted" }),
    req("waiting", "wait"),
    req("bad", "health"),
    refused("bad", "FORBIDDEN", "no"),
    ...Array.from({ length: 500 }, (_, i) => [req(`r${i}`, "health"), ok(`r${i}`)]).flat(),
    ok("accepted", { status: "ok" }),
  );
  const builder = new TraceBuilder({}, { maxRpcs: 100 });
  for (const entry of numbered(script)) builder.add(entry);
  const whole = traceOf([script]);
  const [thin] = builder.trace(whole.recording).connections;
  const ids = thin?.rpcs.map(({ id }) => id) ?? [];
  expect(ids.slice(0, 4)).toEqual(["accepted", "waiting", "bad", "r0"]);
  expect(ids.at(-1)).toBe("r499");
  expect(ids.length).toBeLessThan(200);
  expect(thin?.rpcs[0]?.final?.ok).toBe(true);
  expect(thin?.strayResponses).toEqual([]);
  expect(thin?.scopes).toEqual(whole.connections[0]?.scopes);
});

test("failures that good calls lie between are never made a burst", () => {
  const script = conversation(
    {},
    ...Array.from({ length: 900 }, (_, i) => [
      req(`r${i}`, "health"),
      i % 100 === 0 ? refused(`r${i}`, "FORBIDDEN", "no") : ok(`r${i}`),
    ]).flat(),
  );
  const builder = new TraceBuilder({}, { maxRpcs: 50 });
  for (const entry of numbered(script)) builder.add(entry);
  const { recording } = traceOf([script]);
  const trace = builder.trace(recording);
  expect(trace.connections[0]?.rpcs.length).toBeLessThan(150);
  expect(diagnose([trace]).map(({ code }) => code)).not.toContain("error-burst");
});
