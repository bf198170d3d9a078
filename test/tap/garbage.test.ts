import { PerformanceObserver, constants } from "node:perf_hooks";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { GarbageWatch } from "../../src/tap/garbage.ts";
import { until } from "./harness.ts";

test("collecting early happens every so many bytes, and leaves the process as it was", async () => {
  const before = [typeof globalThis.gc, runInNewContext("typeof gc"), process.execArgv.join()];
  const watch = new GarbageWatch(1000);
  const kinds: unknown[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) kinds.push(Object(entry).detail?.kind);
  });
  observer.observe({ entryTypes: ["gc"] });
  watch.add(999);
  watch.add(1);
  await until(() => kinds.includes(constants.NODE_PERFORMANCE_GC_MINOR));
  observer.disconnect();
  expect([typeof globalThis.gc, runInNewContext("typeof gc"), process.execArgv.join()]).toEqual(before); // prettier-ignore
});
