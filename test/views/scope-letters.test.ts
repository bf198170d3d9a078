import { expect, test } from "vitest";
import { renderScopeLetters } from "../../src/views/scope-letters.ts";

test.each([
  [null, "-"],
  [[], "......"],
  [["operator.write"], ".W...."],
  [["operator.talk.secrets", "operator.read"], "R....T"],
  [
    ["operator.admin", "operator.read", "operator.write", "operator.approvals", "operator.pairing"],
    "RWAVP.",
  ],
  [["operator.read", "operator.read", "operator.root", "node.\x9b2J"], "R..... +2"],
])("%j is %s", (scopes, expected) => {
  expect(renderScopeLetters(scopes)).toBe(expected);
});
