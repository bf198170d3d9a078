import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { newRecordingPath } from "../../src/cli/write-recording.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "gw-trace-names-"));
  vi.stubEnv("GW_TRACE_DIR", folder);
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 23, 4, 16), toFake: ["Date"] });
});

afterEach(async () => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function next(): Promise<string> {
  return path.basename(await newRecordingPath({ name: null, output: null }));
}

test("what begins within one second gets names of its own, beside a recording and beside a flight recorder", async () => {
  expect(await next()).toBe("2026-11-23-041600.gwtrace");
  await writeFile(path.join(folder, "2026-11-23-041600-0001.gwtrace"), "");
  expect(await next()).toBe("2026-11-23-041600-2.gwtrace");
  await writeFile(path.join(folder, "2026-11-23-041600-2.gwtrace"), "");
  expect(await next()).toBe("2026-11-23-041600-3.gwtrace");
});
