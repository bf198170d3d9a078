import { expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import { ok, refused, req } from "../support/conversation.ts";
import { reader } from "../support/checks.ts";
import { traceOf } from "../support/traces.ts";

test("a call that was accepted and failed later is told as such, once for the same reason", () => {
  const run = (id: string) => [
    req(id, "agent"),
    ok(id, { status: "accepted" }),
    refused(id, "UNAVAILABLE", "no model"),
  ];
  const findings = diagnose([traceOf([reader(1, ...run("1"), ...run("2"))])]);
  expect(findings).toMatchObject([
    {
      code: "rpc-failed",
      rpc: "1",
      title: "agent was accepted and then failed 2 times: no model",
      evidence: [7, 8, 9, 10, 11, 12],
    },
  ]);
});

test("a call that was accepted and ended well is no finding", () => {
  const trace = traceOf([reader(1, req("1", "agent"), ok("1", { status: "accepted" }), ok("1"))]);
  expect(diagnose([trace])).toEqual([]);
});
