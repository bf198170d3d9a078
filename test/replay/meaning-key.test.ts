import { describe, expect, test } from "vitest";
import { compareValues } from "../../src/diff/compare-values.ts";
import { meaningKey, RequestBook } from "../../src/replay/match/request-book.ts";
import { buildScript } from "../../src/replay/script/build-script.ts";
import {
  challenge,
  connect,
  conversation,
  helloOk,
  numbered,
  ok,
  req,
} from "../support/conversation.ts";

import fc from "fast-check";

const names = fc.constantFrom("a", "b", "idempotencyKey", "sessionKey", "tsMs", "params");
const texts = fc.oneof(fc.constantFrom("", "1", "a", "null", "a,b"), fc.uuid(), fc.string());
const leaves = fc.oneof(texts, fc.integer({ min: -1, max: 2 }), fc.boolean(), fc.constant(null));
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaves,
    fc.array(tie("value"), { maxLength: 2 }),
    fc.dictionary(names, tie("value"), { maxKeys: 3 }),
  ),
})).value;

describe("the key of a meaning", () => {
  test("is shared exactly where nothing but volatile values differs", () => {
    fc.assert(
      fc.property(values, values, (recorded, live) => {
        const isSame = compareValues(recorded, live, "params").differences === 0;
        expect(meaningKey(recorded) === meaningKey(live)).toBe(isSame);
      }),
      { numRuns: 3000 },
    );
  });

  test("does not depend on the order of fields", () => {
    expect(meaningKey({ b: [1, "x"], a: null })).toBe(meaningKey({ a: null, b: [1, "x"] }));
  });

  test("is none for what is nested too deeply", () => {
    let deep: unknown = "leaf";
    for (let depth = 0; depth < 200; depth++) deep = [deep];
    expect(meaningKey(deep)).toBeNull();
  });
});

describe("a book of many requests that mean the same", () => {
  const agent = (key: string) => ({ message: "hi", idempotencyKey: key });
  const asked = Array.from({ length: 200 }, (_, index) => `key-${index}`);
  const [recorded] = buildScript(
    "many",
    numbered(
      conversation(
        {},
        challenge(),
        connect(),
        helloOk(),
        ...asked.flatMap((key) => [req(key, "agent", agent(key)), ok(key, {})]),
      ),
    ),
  ).connections;
  const live = (key: string) => ({ id: "1", method: "agent", params: agent(key), text: "" });

  test("takes those that are new in every run in recorded order, and one with the very key before its turn", () => {
    if (recorded === undefined) throw new Error("nothing was recorded");
    const book = new RequestBook(recorded, { strict: false, reuse: false });
    const taken = ["new", "newer", "key-9", "newest"].map((key) => {
      const match = book.match(live(key));
      if (match.kind !== "same") throw new Error(match.kind);
      book.tickOff(match.request);
      return Object(match.request.params).idempotencyKey;
    });
    expect(taken).toEqual(["key-0", "key-1", "key-9", "key-2"]);
  });
});
