import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeByTime } from "../../../src/exchange/har/merge.ts";
import type { NewEntry } from "../../../src/recording/entry.ts";

function closedAt(connection: number, atMs: number): NewEntry {
  return { kind: "closed", atMs, wallMs: atMs, connection, by: "client", how: "fin", error: null };
}

test("all entries in order of time, those of one time in the order of their sources", async () => {
  const times = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(times, { maxLength: 12 }), async (all) => {
      const lists = all.map((list, connection) =>
        list.toSorted((left, right) => left - right).map((atMs) => closedAt(connection, atMs)),
      );
      let running = 0;
      const sources = lists.map((list) => ({
        startMs: list[0]?.atMs ?? 0,
        async *entries() {
          running += 1;
          for (const entry of list) yield await Promise.resolve(entry);
          running -= 1;
        },
      }));
      const merged: NewEntry[] = [];
      for await (const entry of mergeByTime(sources)) merged.push(entry);
      expect(merged).toEqual(lists.flat().toSorted((left, right) => left.atMs - right.atMs));
      expect(running).toBe(0);
    }),
  );
});

test("a source whose time has not come is not begun", async () => {
  const begun: number[] = [];
  const source = (startMs: number) => ({
    startMs,
    async *entries() {
      begun.push(startMs);
      yield await Promise.resolve(closedAt(1, startMs));
    },
  });
  const merged = mergeByTime([source(9), source(1), source(5)]);
  expect((await merged.next()).value).toMatchObject({ atMs: 1 });
  expect(begun).toEqual([1]);
  await merged.next();
  expect(begun).toEqual([1, 5]);
});
