import { describe, expect, test } from "vitest";
import { CATALOGUE, isFinding } from "../../src/findings/catalogue.ts";
import { diagnose } from "../../src/findings/diagnose.ts";
import { close, ok, refused, req } from "../support/conversation.ts";
import { CASES, missing, talk } from "./cases.ts";
import { ALL } from "./connect-cases.ts";

describe.each(Object.entries(CASES))("%s", (code, { speaks, silent, says }) => {
  test("speaks", () => {
    const findings = diagnose([speaks]).filter((finding) => finding.code === code);
    expect(findings).toHaveLength(1);
    const [finding] = findings;
    expect(`${finding?.title}\n${finding?.why}\n${finding?.fix}`).toMatch(says ?? /./);
    expect(finding?.evidence.length).toBeGreaterThanOrEqual(finding?.connection === null ? 0 : 1);
  });

  test("is silent", () => {
    expect(diagnose([silent]).map((finding) => finding.code)).not.toContain(code);
  });
});

test("a healthy recording has no findings at all", () => {
  expect(
    diagnose([
      talk(
        { device: "d", scopes: ALL },
        { scopes: ALL },
        req("1", "agent"),
        ok("1"),
        close("client"),
      ),
    ]),
  ).toEqual([]);
});

test("repeated refusals of one method are one finding that counts them", () => {
  const findings = diagnose([
    talk(
      { device: "d", scopes: ["operator.read"] },
      { scopes: ["operator.read"] },
      req("1", "agent"),
      missing("1", "operator.write"),
      req("2", "agent"),
      missing("2", "operator.write"),
    ),
  ]);
  expect(findings.map(({ title }) => title)).toEqual([
    "agent was refused 2 times: missing scope operator.write",
  ]);
});

test("errors come first, in order of arrival", () => {
  const codes = diagnose([
    talk(
      { scopes: [] },
      {},
      req("1", "health"),
      refused("1", "UNAVAILABLE", "busy"),
      req("2", "agent"),
      missing("2", "operator.write"),
    ),
  ]).map(({ code }) => code);
  expect(codes).toEqual(["missing-scope-not-requested", "rpc-failed"]);
});

test("a family is named by its prefix", () => {
  expect(isFinding("missing-scope-dropped", "missing-scope")).toBe(true);
  expect(isFinding("missing-scope-dropped", "missing-scope-dropped")).toBe(true);
  expect(isFinding("missing-scope-dropped", "missing")).toBe(true);
  expect(isFinding("missing-scope-dropped", "missing-sco")).toBe(false);
  expect(Object.keys(CATALOGUE).toSorted()).toEqual(Object.keys(CASES).toSorted());
});
