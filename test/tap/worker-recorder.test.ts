import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecording } from "../../src/recording/reader.ts";
import { WorkerRecorder } from "../../src/tap/worker-recorder.ts";
import { UPGRADE_REQUEST, frame, upgradeResponse } from "../wire/frames.ts";
import { until } from "./harness.ts";
import type { GwTraceError } from "../../src/errors.ts";
import type { Entry, NewRecordingHeader } from "../../src/recording/entry.ts";
import type { WorkerRecorderOptions } from "../../src/tap/worker-recorder.ts";

const HEADER: NewRecordingHeader = {
  source: "tap",
  startedAt: "2026-11-23T03:10:21.000Z",
  upstream: null,
  listen: null,
  redaction: "credentials",
  replayOf: [],
  assumedPeer: null,
};

let folder: string;
let told: GwTraceError[];
let nowMs: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gw-trace-recorder-"));
  told = [];
  nowMs = 0;
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const at = (): { atMs: number; wallMs: number } => ({ atMs: ++nowMs, wallMs: 1000 + nowMs });

function createRecorder(options: Partial<WorkerRecorderOptions>): WorkerRecorder {
  return new WorkerRecorder({
    onNotice: () => undefined,
    onBlind: (error) => told.push(error),
    ...options,
  });
}

/** Opens connection 1 up to where messages may come. */
function upgrade(recorder: WorkerRecorder): void {
  recorder.opened(1, { client: "127.0.0.1:1", peer: null, gateway: null }, at());
  void recorder.bytes(1, "client", UPGRADE_REQUEST, at());
  void recorder.bytes(1, "gateway", upgradeResponse(), at());
}

async function read(path: string): Promise<{ entries: Entry[]; missing: readonly string[] }> {
  await using reader = await openRecording(path);
  const entries: Entry[] = [];
  for await (const entry of reader.entries()) entries.push(entry);
  return { entries, missing: reader.missing };
}

function texts(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) =>
    entry.kind === "message" && entry.message.type === "text" ? [entry.message.text] : [],
  );
}

/** Resolves when a message sent now is recorded again; says how many it took to find out. */
async function untilRecorded(recorder: WorkerRecorder, count: () => number): Promise<number> {
  const before = count();
  for (let sent = 0; ; sent++) {
    if (count() > before) return sent;
    void recorder.bytes(1, "gateway", frame(`probe ${sent}`), at());
    await new Promise(setImmediate);
  }
}

describe("a recorder with more traffic than room", () => {
  test("leaves out whole messages, counts them, says so once, and goes on", async () => {
    const path = join(folder, "a.gwtrace");
    let recorded = 0;
    const recorder = createRecorder({
      maxQueuedBytes: 20_000,
      onStatus: ({ frames }) => {
        recorded = frames;
      },
    });
    upgrade(recorder);
    // Nothing leaves the queue before the recording is begun. In pieces that end within messages.
    const flood = Array.from({ length: 100 }, (_, i) => frame(`${i} ${"x".repeat(990)}`));
    const bytes = Buffer.concat(flood);
    for (let i = 0; i < bytes.length; i += 700) {
      void recorder.bytes(1, "gateway", bytes.subarray(i, i + 700), at());
    }
    await recorder.begin(path, HEADER);
    await until(() => recorded > 0);
    const probes = await untilRecorded(recorder, () => recorded);
    recorder.closed(1, { by: "client", how: "fin", error: null }, at());
    const closed = await recorder.finish(at());
    const { entries, missing } = await read(path);
    const all = texts(entries);
    const kept = all.filter((text) => !text.startsWith("probe"));
    const gaps = entries.filter((entry) => entry.kind === "gap");
    expect(kept).toEqual(flood.slice(0, kept.length).map((_, i) => `${i} ${"x".repeat(990)}`));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(30);
    const missed = gaps.reduce((sum, { missingEntries }) => sum + missingEntries, 0);
    expect(all.length + missed).toBe(100 + probes);
    expect(closed).toMatchObject({ missedEntries: missed, complete: true });
    expect(entries.at(-1)?.kind).toBe("closed");
    expect(missing.length).toBeGreaterThan(0);
    expect(told).toHaveLength(1);
  });

  test("leaves out a message that is too large, and nothing else", async () => {
    const path = join(folder, "b.gwtrace");
    const recorder = createRecorder({ maxMessageBytes: 5000 });
    await recorder.begin(path, HEADER);
    upgrade(recorder);
    const parts = [frame("before"), frame("x".repeat(5001)), frame("after")];
    void recorder.bytes(1, "gateway", Buffer.concat(parts), at());
    recorder.closed(1, { by: "client", how: "fin", error: null }, at());
    const closed = await recorder.finish(at());
    const { entries } = await read(path);
    expect(texts(entries).map((text) => text.slice(0, 10))).toEqual(["before", "after"]);
    expect(entries.filter(({ kind }) => kind === "gap")).toMatchObject([
      { connection: 1, missingEntries: 1, missingBytes: parts[1]?.length },
    ]);
    expect(closed).toMatchObject({ missedEntries: 1, complete: true });
  });

  test("records 25 MB in one message where it is told to, both ways", async () => {
    const path = join(folder, "l.gwtrace");
    let recorded = 0;
    const recorder = createRecorder({
      maxMessageBytes: 30_000_000,
      onStatus: ({ frames }) => {
        recorded = frames;
      },
    });
    await recorder.begin(path, HEADER);
    upgrade(recorder);
    const text = "0123456789abcdef".repeat((25 * 1024 * 1024) / 16);
    const bytes = { client: frame(text, { masked: true }), gateway: frame(text) };
    for (const [index, side] of (["client", "gateway"] as const).entries()) {
      for (let from = 0; from < bytes[side].length; from += 65_536) {
        void recorder.bytes(1, side, bytes[side].subarray(from, from + 65_536), at());
        // As from sockets: the other thread has a turn in between.
        await new Promise(setImmediate);
      }
      await until(() => recorded > index);
    }
    recorder.closed(1, { by: "client", how: "fin", error: null }, at());
    const closed = await recorder.finish(at());
    expect(closed).toMatchObject({ missedEntries: 0, missedBytes: 0, complete: true });
    const held = texts((await read(path)).entries);
    expect(held.map((one) => one === text)).toEqual([true, true]);
  });

  test("lets traffic wait instead, where it must record", async () => {
    const path = join(folder, "c.gwtrace");
    const recorder = createRecorder({ maxQueuedBytes: 20_000, mustRecord: true });
    upgrade(recorder);
    let waits: Promise<void> | void = undefined;
    let sent = 0;
    while (waits === undefined) {
      waits = recorder.bytes(1, "gateway", frame(`${sent++} ${"x".repeat(990)}`), at());
    }
    await recorder.begin(path, HEADER);
    await waits;
    recorder.closed(1, { by: "client", how: "fin", error: null }, at());
    const closed = await recorder.finish(at());
    expect(closed).toMatchObject({ missedEntries: 0, missedBytes: 0, complete: true });
    expect(texts((await read(path)).entries)).toHaveLength(sent);
    expect(told).toEqual([]);
  });

  test("counts what comes after its thread is gone", async () => {
    const path = join(folder, "d.gwtrace");
    const recorder = createRecorder({});
    await recorder.begin(path, HEADER);
    upgrade(recorder);
    await recorder.abandon();
    for (let i = 0; i < 10; i++) void recorder.bytes(1, "gateway", frame(`${i}`), at());
    const closed = await recorder.finish(at());
    expect(closed).toMatchObject({ path, complete: false });
    expect(closed.missedEntries).toBeGreaterThanOrEqual(10);
    expect(told).toHaveLength(1);
  });
});
