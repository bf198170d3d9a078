import { expect, test } from "vitest";
import { renderGithubAnnotations } from "../../../src/exchange/checks/github-annotations.ts";
import { check, failing } from "../../support/checks.ts";

const pathOf = (name: string) => `rec,${name}.gwtrace`;

test("an error for each failure, on one line, with its file", () => {
  const text = renderGithubAnnotations(
    check([failing("run")], { failOn: ["error"], expectMethods: ["nope"] }),
    pathOf,
  );
  const lines = text.trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(
    /^::error title=gw-trace%3A missing-scope-not-requested,file=rec%2Crun\.gwtrace::run, connection 1: agent was refused: missing scope operator\.write%0A/,
  );
  expect(lines[1]).toBe("::error title=gw-trace%3A expect-method::nope was never called");
});

test("what the wire said cannot become a command", () => {
  const text = renderGithubAnnotations(check([failing("a::b\n::c")], { failOn: ["info"] }), pathOf);
  const lines = text.trimEnd().split("\n");
  expect(lines.every((line) => /^::error title=gw-trace%3A [a-z-]+,file=[^:,]+::/.test(line))).toBe(
    true,
  );
  expect(text).not.toMatch(/[\u0000\u001b\r]/);
  // A percent sign of the wire is no escape of ours.
  expect(text).toContain("%250A");
});

test("no more warnings than GitHub shows", () => {
  const result = check(
    Array.from({ length: 12 }, (_, index) => failing(`run${index}`)),
    {},
  );
  const lines = renderGithubAnnotations(result, pathOf).trimEnd().split("\n");
  expect(lines).toHaveLength(10);
  expect(lines.every((line) => line.startsWith("::warning "))).toBe(true);
});
