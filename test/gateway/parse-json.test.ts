import { expect, test } from "vitest";
import { parseFrame } from "../../src/gateway/frame.ts";
import { isTooLargeAsJson, parseJson } from "../../src/gateway/parse-json.ts";

test.each([
  ["nested lists", `${"[".repeat(2_000_001)}${"]".repeat(2_000_001)}`],
  ["empty objects", `[${"{},".repeat(1_000_001)}0]`],
  ["numbers", `[${"0,".repeat(2_000_001)}0]`],
])("%s that would take more than 150 MB are not read", (_, text) => {
  expect(isTooLargeAsJson(text)).toBe(true);
  expect(parseJson(text)).toBeUndefined();
  expect(parseFrame(text)).toEqual({ ok: false, reason: "too large to be read as JSON" });
});

test("the largest message that a tap records is read where it is text, and commas in strings are none", () => {
  const text = JSON.stringify({ type: "event", event: "chat", payload: "a,[{".repeat(8 << 20) });
  expect(parseFrame(text)).toMatchObject({ ok: true, frame: { event: "chat" } });
});

test("what is no JSON is undefined, which no JSON says", () => {
  expect(parseJson("null")).toBeNull();
  expect(parseJson("{")).toBeUndefined();
});
