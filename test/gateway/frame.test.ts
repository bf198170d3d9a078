import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFrame } from "../../src/gateway/frame.ts";

test("reads a request, a response and an event", () => {
  expect(
    parseFrame('{"type":"req","id":"1","method":"health","params":{},"traceparent":"00-…"}'),
  ).toEqual({
    ok: true,
    frame: { type: "req", id: "1", method: "health", params: {}, traceparent: null },
  });
  expect(parseFrame('{"type":"res","id":"1","ok":true,"payload":7}')).toEqual({
    ok: true,
    frame: { type: "res", id: "1", ok: true, payload: 7, error: null },
  });
  expect(parseFrame('{"type":"event","event":"tick","seq":3}')).toEqual({
    ok: true,
    frame: { type: "event", event: "tick", payload: undefined, seq: 3 },
  });
});

test("a refusal always has an error, even when the Gateway sent none", () => {
  const parsed = parseFrame('{"type":"res","id":"1","ok":false}');
  expect(parsed).toMatchObject({
    ok: true,
    frame: { ok: false, error: { code: "", message: "" } },
  });
});

test.each([
  ["hello", "not JSON"],
  ["", "not JSON"],
  ["[]", "not a Gateway frame"],
  ["null", "not a Gateway frame"],
  ['{"type":"ping"}', "not a Gateway frame: type is missing or of the wrong type"],
  ['{"type":"req","id":1,"method":"x"}', "not a Gateway frame: id is missing or of the wrong type"],
  ['{"type":"res","id":"1","ok":"yes"}', "not a Gateway frame: ok is missing or of the wrong type"],
])("%j is no frame: %s", (text, reason) => {
  expect(parseFrame(text)).toEqual({ ok: false, reason });
});

test("never throws, whatever the text", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(parseFrame(text)).toHaveProperty("ok");
    }),
  );
});
