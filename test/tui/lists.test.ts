import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NewEntry } from "../../src/recording/entry.ts";
import { moveCursor, scrollTo } from "../../src/tui/updates/cursor.ts";
import { FrameIndex } from "../../src/tui/reading/frame-index.ts";
import { allFrames, PickedFrames } from "../../src/tui/reading/frame-list.ts";
import { conversation, event, numbered, ok, refused, req } from "../support/conversation.ts";

function indexOf(...conversations: readonly (readonly NewEntry[])[]): FrameIndex {
  const index = new FrameIndex();
  for (const entry of numbered(...conversations)) index.add(entry);
  return index;
}

describe("FrameIndex", () => {
  const index = indexOf(
    conversation(
      { connection: 1 },
      req("a", "agent"),
      event("tick", {}, 1),
      ok("a"),
      event("tick", {}, 4),
    ),
    conversation(
      { connection: 2, startMs: 50 },
      req("a", "health"),
      refused("a", "FORBIDDEN", "missing scope: operator.read"),
    ),
  );

  test("pairs a response with the request of its own connection", () => {
    expect(index.row(4)).toMatchObject({ type: "req", what: "agent", pair: 6, latencyMs: null });
    expect(index.row(6)).toMatchObject({
      type: "res",
      what: "agent",
      pair: 4,
      latencyMs: 2,
      facts: { ok: true },
      result: "ok",
    });
    expect(index.row(13)).toMatchObject({
      what: "health",
      pair: 12,
      facts: { ok: false },
      problem: true,
      result: "SCOPE read",
    });
  });

  test("shows the number of an event, and a gap before it", () => {
    expect(index.row(5)).toMatchObject({ type: "evt", result: "seq 1", problem: false });
    expect(index.row(7)).toMatchObject({ type: "evt", result: "gap 1>4", problem: true });
  });

  test("an entry that a damaged file lost is a line of its own", () => {
    const damaged = new FrameIndex();
    for (const entry of numbered(conversation({}, req("a", "agent"), ok("a"))))
      if (entry.entry !== 4) damaged.add(entry);
    expect(damaged.row(4)).toMatchObject({ type: "lost", problem: true });
    expect(damaged.row(5)).toMatchObject({ type: "res", pair: null });
  });

  test("grows past its first capacity", () => {
    const many = indexOf(
      conversation({}, ...Array.from({ length: 3000 }, (_, seq) => event("tick", {}, seq))),
    );
    expect(many.count).toBe(3004);
    expect(many.row(3003)).toMatchObject({
      entry: 3003,
      what: "tick",
      result: "seq 2999",
      connection: 1,
    });
  });
});

describe("frame lists", () => {
  test("a picked list finds each entry, and the next one for those it lacks", () => {
    const list = PickedFrames.none.append([2, 5]).append([]).append([9]);
    expect([0, 1, 2, 3].map((position) => list.entryAt(position))).toEqual([2, 5, 9, null]);
    expect([1, 2, 3, 5, 9, 10].map((entry) => list.positionOf(entry))).toEqual([0, 0, 1, 1, 2, 3]);
  });

  test("both kinds of list agree on a list of all", () => {
    fc.assert(
      fc.property(fc.nat(700), fc.nat(800), (count, probe) => {
        const all = allFrames(count);
        const picked = PickedFrames.none.append(
          Array.from({ length: count }, (_, index) => index + 1),
        );
        expect([all.length, all.entryAt(probe), all.positionOf(probe)]).toEqual([
          picked.length,
          picked.entryAt(probe),
          picked.positionOf(probe),
        ]);
      }),
    );
  });
});

describe("cursor", () => {
  test("stays in the list and in view, whatever is pressed", () => {
    const actions = fc.constantFrom(
      "down",
      "up",
      "page-down",
      "page-up",
      "half-down",
      "half-up",
      "first",
      "last",
    );
    fc.assert(
      fc.property(
        fc.array(actions),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 20 }),
        (moves, length, height) => {
          let [cursor, top] = [0, 0];
          for (const action of moves) {
            cursor = moveCursor(cursor, length, height, action) ?? -1;
            top = scrollTo(top, cursor, height, length);
            expect(cursor >= 0 && cursor < length).toBe(true);
            expect(cursor >= top && cursor < top + height).toBe(true);
            expect(top).toBeLessThanOrEqual(Math.max(0, length - height));
          }
        },
      ),
    );
  });

  test("does not scroll while it is in view", () => {
    expect(scrollTo(10, 12, 5, 100)).toBe(10);
    expect(scrollTo(10, 15, 5, 100)).toBe(11);
    expect(scrollTo(10, 9, 5, 100)).toBe(9);
  });
});
