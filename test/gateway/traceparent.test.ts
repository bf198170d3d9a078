import { expect, test } from "vitest";
import { parseTraceparent } from "../../src/gateway/frame.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test.each([
  [`00-${TRACE}-${SPAN}-01`, true],
  [`00-${TRACE}-${SPAN}-00`, false],
  // Other flags are not known yet; only the last bit says whether it is sampled.
  [`00-${TRACE}-${SPAN}-02`, false],
  [`00-${TRACE}-${SPAN}-03`, true],
  [` 00-${TRACE.toUpperCase()}-${SPAN}-01 `, true],
  [`cc-${TRACE}-${SPAN}-01-what-comes-later`, true],
])("reads %s", (text, sampled) => {
  expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, sampled });
});

// The cases in which 2026.9.6 takes a fresh trace instead.
test.each([
  "",
  "00-…",
  `${TRACE}-${SPAN}-01`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE.slice(1)}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-1`,
  `0x-${TRACE}-${SPAN}-01`,
  `cc-${TRACE}-${SPAN}-01-${"x".repeat(80)}`,
])("takes no notice of %j", (text) => {
  expect(parseTraceparent(text)).toBeNull();
});
