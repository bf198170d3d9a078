import { expect, test } from "vitest";
import { renderCheck } from "../../src/views/check.ts";
import { PLAIN_STYLE } from "../../src/views/style.ts";
import { check, failing } from "../support/checks.ts";

test("failures first, with why and what to do, then what passed and what does not count", () => {
  const result = check([failing("run")], {
    failOn: ["error"],
    expectMethods: ["health"],
    expectScopes: ["operator.admin"],
  });
  expect(renderCheck(result, PLAIN_STYLE)).toBe(
    [
      "FAIL  run, connection 1: agent was refused: missing scope operator.write",
      "      why   agent needs operator.write, and the connection asked for",
      "            operator.read. What the token or the paired device may do does not",
      "            matter: a connection holds at most what its connect asks for.",
      "      fix   Ask for operator.write in connect.params.scopes; if the device is",
      "            not approved for it yet, approve the upgrade with: openclaw devices",
      "            approve <requestId>.",
      "      code  missing-scope-not-requested, entries 5, 6, 7, 8",
      "FAIL  run, connection 1: the connection does not hold operator.admin, nor did it",
      "      ask for it",
      "      code  expect-scope, entries 5, 6",
      "ok    expect-method: health was called and answered ok (1 of 1)",
      "note  findings that do not count: rpc-failed",
      "failed: 2 failures, 1 passed, 1 finding not counted (1 connection, 3 calls)",
      "",
    ].join("\n"),
  );
});

test("all well is one line, and hostile text cannot leave its own", () => {
  expect(
    renderCheck(check([failing("run")], {}), PLAIN_STYLE)
      .trimEnd()
      .split("\n"),
  ).toEqual([
    "note  findings that do not count: missing-scope-not-requested, rpc-failed",
    "passed: 0 failures, 2 findings not counted (1 connection, 3 calls)",
  ]);
  const text = renderCheck(check([failing("run")], { failOn: ["info"] }), PLAIN_STYLE);
  expect(text).not.toMatch(/^::|[\u0000\u001b\u0085\ud800\uffff]/m);
});
