import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { GarbageWatch } from "../../src/tap/garbage.ts";

test("collecting early leaves the process as it was, and frees what nobody holds", async () => {
  const before = [typeof globalThis.gc, runInNewContext("typeof gc"), process.execArgv.join()];
  const watch = new GarbageWatch(1024);
  const freed: number[] = [];
  const registry = new FinalizationRegistry((size: number) => freed.push(size));
  const fill = (): void => {
    for (let i = 0; i < 100; i++) registry.register(new Uint8Array(1024), i);
  };
  fill();
  // The first may find what was just made still on the stack.
  for (let round = 0; round < 5 && freed.length === 0; round++) {
    watch.add(1024);
    await new Promise(setImmediate);
  }
  expect(freed.length).toBeGreaterThan(50);
  expect([typeof globalThis.gc, runInNewContext("typeof gc"), process.execArgv.join()]).toEqual(before); // prettier-ignore
});
