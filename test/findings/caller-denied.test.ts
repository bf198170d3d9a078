import { expect, test } from "vitest";
import { diagnose } from "../../src/findings/diagnose.ts";
import { ok, refused, req } from "../support/conversation.ts";
import { reader } from "../support/checks.ts";
import { traceOf } from "../support/traces.ts";

test.each([
  ["FORBIDDEN", "Session-scoped access requires a verified user profile.", /no user profile was verified/],
  ["FORBIDDEN", "not today", /A rule of sessions\.list itself/],
  ["INVALID_REQUEST", "caller is not authorized to do this", /A rule of sessions\.list itself/],
])("%s %s", (code, message, why) => {
  const trace = traceOf([
    reader(1, req("1", "sessions.list"), refused("1", code, message)),
    reader(2, req("1", "sessions.list"), ok("1")),
  ]);
  expect(diagnose([trace])).toMatchObject([
    {
      code: "caller-denied",
      connection: 1,
      why: expect.stringMatching(why),
      contrast: { connection: 2 },
    },
  ]);
}); // prettier-ignore

test.each([
  ["INVALID_REQUEST", "unauthorized role: operator"],
  ["INVALID_REQUEST", "missing scope: operator.write"],
  ["INVALID_REQUEST", "device token rotation denied"],
  ["UNAVAILABLE", "busy"],
])("%s %s is another kind of refusal", (code, message) => {
  const trace = traceOf([reader(1, req("1", "agent"), refused("1", code, message))]);
  expect(diagnose([trace]).map((finding) => finding.code)).not.toContain("caller-denied");
});
