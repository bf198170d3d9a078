import { describe, expect, test } from "vitest";
import { renderJunit } from "../../../src/exchange/checks/junit.ts";
import { check, failing } from "../../support/checks.ts";

/** Says what is wrong with a document of elements, attributes and text; null when it is well-formed (XML 1.0, section 2.1). */
function problemOf(xml: string): string | null {
  const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.exec(xml);
  if (forbidden !== null) return `forbidden character at ${forbidden.index}`;
  const open: string[] = [];
  let rest = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  while (rest !== "") {
    const text = /^(?:[^<&]|&(?:amp|lt|gt|quot|apos);)+/.exec(rest)?.[0] ?? "";
    if (open.length === 0 && text.trim() !== "") return `text outside of the root: ${text}`;
    if (text.includes("]]>")) return "]]> in text";
    rest = rest.slice(text.length);
    if (rest === "") break;
    const tag = /^<(?:\/([\w-]+)|([\w-]+)((?: [\w-]+="(?:[^<&"]|&(?:amp|lt|gt|quot|apos);)*")*)(\/?))>/.exec(rest);
    if (tag === null) return `no tag: ${rest.slice(0, 80)}`;
    if (tag[1] === undefined && tag[4] === "") open.push(tag[2] ?? "");
    if (tag[1] !== undefined && open.pop() !== tag[1]) return `</${tag[1]}> closes another element`;
    rest = rest.slice(tag[0].length);
  }
  return open.length === 0 ? null : `<${open.at(-1)}> is not closed`;
} // prettier-ignore

describe("the checker of this test", () => {
  test.each(["<a><b></a></b>", "<a>&</a>", '<a b="<"/>', "<a>", "<a>\u0000</a>", "<a/>x"])(
    "finds what is wrong with %j",
    (xml) => {
      expect(problemOf(xml)).not.toBeNull();
    },
  );
});

test("a suite for each recording, a case for each item, and well-formed whatever the wire said", () => {
  const expected = { failOn: ["info"], expectMethods: ["health", "nope"], maxLatencyMs: 1000 };
  const xml = renderJunit(check([failing("a<b>"), failing("second")], expected));
  expect(problemOf(xml)).toBeNull();
  expect(xml).toContain('<testsuites name="gw-trace check" tests="7" failures="5" errors="0">');
  expect(xml.match(/<testsuite name="[^"]*" tests="\d+" failures="\d+"/g)).toEqual([
    '<testsuite name="a&lt;b&gt;" tests="2" failures="2"',
    '<testsuite name="second" tests="2" failures="2"',
    '<testsuite name="all recordings" tests="3" failures="1"',
  ]);
  expect(xml.match(/<testcase /g)).toHaveLength(7);
  expect(xml.match(/<failure /g)).toHaveLength(5);
  expect(xml).toContain('type="missing-scope-not-requested"');
});

test("findings that do not count are left out, and a report is never without a test", () => {
  const xml = renderJunit(check([failing("run")], {}));
  expect(problemOf(xml)).toBeNull();
  expect(xml).toContain('tests="1" failures="0"');
  expect(xml.match(/<testcase /g)).toHaveLength(1);
});
